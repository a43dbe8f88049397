"""The landing page, what is conformed to, and the description of it all."""

from flask import Blueprint, Response, current_app

from gis.records import Name
from server.ogc import openapi
from server.ogc.answering import HTML, JSON, answer, at, dressed, language, link, refuse_unknown, said, self_links, wants_page
from server.ogc.known import known

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
_FEATURES = "http://www.opengis.net/spec/ogcapi-features-"
CONFORMS_TO = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    f"{_FEATURES}1/1.0/conf/core",
    f"{_FEATURES}1/1.0/conf/geojson",
    f"{_FEATURES}1/1.0/conf/html",
    f"{_FEATURES}1/1.0/conf/oas30",
    f"{_FEATURES}2/1.0/conf/crs",
    f"{_FEATURES}3/1.0/conf/queryables",
    f"{_FEATURES}3/1.0/conf/queryables-query-parameters",
    f"{_FEATURES}5/1.0/conf/schemas",
    f"{_FEATURES}5/1.0/conf/returnables-and-receivables",
)
DESCRIPTION = Name(
    "城市网格管理的图层，可直接接入 QGIS、GDAL 等地图软件。",
    "The layers of the grid management server, for QGIS, GDAL and every other map program.",
)


def home() -> Response:
    """Where everything begins."""
    refuse_unknown()
    name = known().city.name
    links = [
        *self_links(JSON),
        link("service-desc", at("/api"), OPENAPI, "OpenAPI 3.0"),
        link("service-doc", at("/api", f="html"), HTML, "OpenAPI 3.0"),
        link("conformance", at("/conformance"), JSON, said(Name("符合的标准类", "Conformance classes"))),
        link("data", at("/collections"), JSON, said(Name("图层", "Collections"))),
        link("http://www.opengis.net/def/rel/ogc/1.0/conformance", at("/conformance"), JSON, "Conformance"),
        link("http://www.opengis.net/def/rel/ogc/1.0/data", at("/collections"), JSON, "Collections"),
    ]
    title = Name(f"{name.zh}网格图层", f"Grid layers of {name.en}")
    body = {"title": said(title), "description": said(DESCRIPTION), "attribution": said(name), "links": links}
    return answer(body, template="landing")


def conformance() -> Response:
    """The classes of the standards that this server conforms to."""
    refuse_unknown()
    return answer({"links": self_links(JSON), "conformsTo": CONFORMS_TO}, template="conformance")


def api() -> Response:
    """The OpenAPI 3.0 document; for people, the same to be tried."""
    refuse_unknown()
    if wants_page():
        return answer({}, template="api")
    held = known()
    document = openapi.document(held.offered, server=at(), metric_srid=held.city.metric_srid, language=language())
    return dressed(Response(current_app.json.dumps(document), content_type=OPENAPI))


def register(bp: Blueprint) -> None:
    """Routes."""
    bp.get("", endpoint="landing", strict_slashes=False)(home)
    bp.get("/conformance")(conformance)
    bp.get("/api")(api)
