"""GDAL with no more drivers than files are taken in: it opens what it recognises, whatever a file is called.

A virtual dataset, a pipeline or an address inside a file that ends in .kml would read other files of the machine, or fetch
something. GDAL reads what to leave out when it starts, so this stands before the first import of pyogrio.
"""

import os

KEPT = ("MEM", "GeoJSON", "GeoJSONSeq", "GPKG", "ESRI Shapefile", "KML", "LIBKML", "FlatGeobuf", "OSM", "OAPIF")
"""OAPIF opens no file: it is asked for by its name only, by programs that read our own map service."""
LEFT_OUT = (
    "ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "CAD", "CSV", "CSW", "Carto", "DGN", "DXF", "EDIGEO", "EEDA", "ESRIJSON",
    "Elasticsearch", "GDALG", "GML", "GMLAS", "GPSBabel", "GPX", "GTFS", "GeoRSS", "HTTP", "Idrisi", "JML", "JSONFG", "LVBAG",
    "MBTiles", "MVT", "MapInfo File", "MapML", "MiraMonVector", "MongoDBv3", "MySQL", "NAS", "NGW", "NetCDF", "OCI", "ODBC", "ODS",
    "OGCAPI", "OGR_GMT", "OGR_PDS", "OGR_VRT", "OpenFileGDB", "PCIDSK", "PDF", "PDS4", "PGDUMP", "PGeo", "PLSCENES",
    "PMTiles", "PostgreSQL", "S57", "SOSI", "SQLite", "SVG", "SXF", "Selafin", "TopoJSON", "VDV", "VFK", "VICAR", "WAsP", "WFS",
    "XLS", "XLSX", "XODR",
)  # fmt: skip

os.environ["OGR_SKIP"] = ",".join(LEFT_OUT)
os.environ.setdefault("CPL_LOG", os.devnull)  # GDAL names on its error stream every driver that it was not built with

import pyogrio  # noqa: E402

__all__ = ["pyogrio"]
