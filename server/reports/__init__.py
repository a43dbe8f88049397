"""A comparison of two plans as files: a report to print, a workbook, a GeoPackage."""
