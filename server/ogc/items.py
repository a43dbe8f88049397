"""Items: the features of a collection by page, and one by one."""

from hashlib import blake2s
from typing import Any

import orjson
from flask import Blueprint, Response, request

from gis import collections, features
from gis.collections import Collection
from gis.feature_records import FeaturePage
from server.auth import reach
from server.database import now, reading
from server.ogc import questions, systems
from server.ogc.answering import (
    GEOJSON,
    HTML,
    JSON,
    at,
    dressed,
    here,
    link,
    link_header,
    page,
    refuse_unknown,
    said,
    self_links,
    wants_page,
)
from server.ogc.known import known


def listed(collection: str) -> Response:
    """A page of a collection's features."""
    found = collections.get(collection)
    refuse_unknown(*questions.parameters(found))
    texts, seen, moment = dict(request.args.lists()), reach(), now()
    query = questions.asked(found, texts, held=known().city, now=moment)
    with reading() as conn:
        if request.args.get("resultType") == questions.HITS:
            matched = features.count(conn, query, reach=seen, now=moment)
            answered = FeaturePage("", 0, matched, matched_is_estimate=False, next=None)
        else:
            answered = features.page(conn, query, reach=seen, now=moment)
    return _page_answered(found, answered)


def one(collection: str, fid: str) -> Response:
    """One feature."""
    found = collections.get(collection)
    refuse_unknown(*questions.ITEM)
    texts, seen, moment = dict(request.args.lists()), reach(), now()
    query = questions.asked(found, texts, held=known().city, now=moment)
    with reading() as conn:
        feature = features.find(conn, query, fid, reach=seen, now=moment)
    links = [*self_links(GEOJSON), _up(found)]
    if wants_page():
        return _shown(found, [orjson.loads(feature)], links, number_matched=1)
    return _finished(f'{feature[:-1]},"links":{orjson.dumps(links).decode()}}}'.encode(), mark=feature)


def _page_answered(collection: Collection, answered: FeaturePage) -> Response:
    links = [*self_links(GEOJSON), _up(collection)]
    if answered.next:
        content_type = HTML if wants_page() else GEOJSON
        links.append(link("next", here(after=answered.next), content_type, "Next"))
    if wants_page():
        rows = orjson.loads(f"[{answered.features}]")
        return _shown(collection, rows, links, number_matched=answered.number_matched, about=answered.matched_is_estimate)
    # The standard allows a count to be left out, not to be wrong: an estimate has another name.
    count = "numberMatchedEstimate" if answered.matched_is_estimate else "numberMatched"
    head = {
        "type": "FeatureCollection",
        "timeStamp": now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        count: answered.number_matched,
        "numberReturned": answered.number_returned,
        "links": links,
    }
    body = b'%s,"features":[%s]}' % (orjson.dumps(head)[:-1], answered.features.encode())
    response = _finished(body, mark=f"{answered.features} {answered.number_matched} {answered.next is None}")
    response.headers["Link"] = link_header(links)
    return response


def _finished(body: bytes, *, mark: str) -> Response:
    """Weak: the moment of the answer and the cursor differ each time, what they stand beside does not."""
    response = Response(body, content_type=GEOJSON)
    response.set_etag(blake2s(mark.encode(), digest_size=12).hexdigest(), weak=True)
    response.headers["Content-Crs"] = f"<{request.args.get('crs', systems.CRS84)}>"
    return dressed(response)


def _up(collection: Collection) -> dict[str, str]:
    return link("collection", at(f"/collections/{collection.name}"), JSON, said(collection.title))


def _shown(collection: Collection, rows: list[dict[str, Any]], links: list[dict[str, str]], **counts: Any) -> Response:
    drawable = "crs" not in request.args
    following = next((item["href"] for item in links if item["rel"] == "next"), None)
    return page("items", collection=collection, rows=rows, following=following, drawable=drawable, **counts)


def register(bp: Blueprint) -> None:
    """Routes."""
    bp.get("/collections/<collection>/items", endpoint="items")(listed)
    bp.get("/collections/<collection>/items/<fid>", endpoint="item")(one)
