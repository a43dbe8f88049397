"""Lists: every layer by page, as GeoJSON where it has a geometry and as flat items where it has none.

The routes are made of the layers' descriptions. Parameters are read against those too: the models of the other routes would
describe every query anew on each request.
"""

from collections.abc import Callable
from hashlib import blake2s
from typing import Any

import orjson
from flask import Blueprint, Response, request, url_for

from gis import features
from gis.feature_records import FeaturePage
from gis.features import FeatureLayer
from server.api.feature_schema import answer_schema, parameters
from server.auth import reach
from server.database import now, reading

bp = Blueprint("lists", __name__)

GEOJSON = "application/geo+json"
LISTED = ("areas", "grids", "cells", "facilities", "departments", "staff", "postings", "incidents")


def operations() -> dict[str, dict[str, Any]]:
    """The lists as OpenAPI 3.1 has them, by path. Written here, because the models of the other routes know no `null` type."""
    return {f"/{name}": _operation(features.LAYERS[name]) for name in LISTED}


def _operation(layer: FeatureLayer) -> dict[str, Any]:
    content_type = GEOJSON if layer.geometry else "application/json"
    headers = {"Link": {"description": "The page that follows, rel=next", "schema": {"type": "string"}}}
    return {
        "tags": [layer.name],
        "operationId": f"list_{layer.name}",
        "summary": f"{layer.description.en}, by page.",
        "description": f"{layer.description.zh}。Filters, paging and fields: the section “Lists” of the reference.",
        "parameters": parameters(layer),
        "responses": {
            "200": {"description": "One page", "headers": headers, "content": {content_type: {"schema": answer_schema(layer)}}}
        },
    }


def _view(layer: FeatureLayer) -> Callable[[], Response]:
    def view() -> Response:
        query = features.asked(layer.name, dict(request.args.lists()))
        with reading() as conn:
            page = features.page(conn, query, reach=reach(), now=now())
        return _answered(layer, page)

    return view


def _answered(layer: FeatureLayer, page: FeaturePage) -> Response:
    counts = {
        "numberReturned": page.number_returned,
        "numberMatched": page.number_matched,
        "numberMatchedIsEstimate": page.matched_is_estimate,
        "next": page.next,
    }
    start, rows = ({"type": "FeatureCollection"}, "features") if layer.geometry else ({}, "items")
    features_json = page.features.encode()
    body = b'%s,"%s":[%s]}' % (orjson.dumps(start | counts)[:-1], rows.encode(), features_json)
    response = Response(body, content_type=GEOJSON if layer.geometry else "application/json")
    # Weak: the cursor names the moment of the walk and so differs each time, what it leads to does not.
    mark = blake2s(features_json, digest_size=12)
    mark.update(orjson.dumps([page.number_matched, page.matched_is_estimate, page.next is None]))
    response.set_etag(mark.hexdigest(), weak=True)
    if page.next:
        response.headers["Link"] = f'<{_next(layer, page.next)}>; rel="next"'
    return response


def _next(layer: FeatureLayer, cursor: str) -> str:
    kept: dict[str, Any] = {name: values for name, values in request.args.lists() if name != "after"}
    return url_for(f"lists.{layer.name}", **kept, after=cursor)


for _name in LISTED:
    bp.get(f"/{_name}", endpoint=_name)(_view(features.LAYERS[_name]))
