"""OGC API - Features: what the standard asks for, resource by resource."""

from datetime import UTC, datetime
from typing import Any

import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from ogcapi_registry import parse_conformance_classes, parse_openapi_content, validate_ogc_api
from openapi_spec_validator import validate
from sqlalchemy import Connection, text

from gis import tokens
from gis.collections import COLLECTIONS
from gis.rules import zones
from server.ogc.landing import CONFORMS_TO
from tests.api.conftest import Login

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
GRID = "44190000300101"
ITEMS = "/ogc/collections/grids/items"
RESOURCES = (
    "/ogc", "/ogc/conformance", "/ogc/api", "/ogc/collections", "/ogc/collections/grids", "/ogc/collections/grids/queryables",
    "/ogc/collections/grids/schema", f"{ITEMS}?limit=2", f"{ITEMS}/{GRID}",
)  # fmt: skip


def _links(body: dict[str, Any]) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in body["links"]}


def _ids(body: dict[str, Any]) -> list[Any]:
    return [feature["id"] for feature in body["features"]]


@pytest.mark.parametrize("path", RESOURCES)
def test_every_resource_answers_programs_and_people(client: FlaskClient, path: str) -> None:
    assert "json" in client.get(path).content_type
    page = client.get(path, headers=BROWSER)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "http://www.w3.org" not in page.text
    base, _, query = path.partition("?")
    assert "json" in client.get(f"{base}?f=json&{query}", headers=BROWSER).content_type


@pytest.mark.parametrize("path", RESOURCES)
def test_every_resource_refuses_a_parameter_that_it_does_not_know(client: FlaskClient, path: str) -> None:
    answer = client.get(path.partition("?")[0], query_string={"bogus": "1"})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["field"] == "bogus"


@pytest.mark.parametrize("path", RESOURCES)
def test_every_link_of_a_resource_leads_somewhere(client: FlaskClient, path: str) -> None:
    body = client.get(path).json
    for link in body.get("links", []):
        answer = client.get(link["href"])
        assert answer.status_code == 200, link
        assert link["type"].partition(";")[0] == answer.mimetype, link


def test_the_landing_page_leads_to_everything(client: FlaskClient) -> None:
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= set(_links(client.get("/ogc").json))


def test_the_collections_are_the_layers_with_a_geometry(client: FlaskClient) -> None:
    found = {item["id"]: item for item in client.get("/ogc/collections").json["collections"]}
    assert list(found) == ["city", "towns", "communities", "grids", "cells", "facilities", "incidents"]
    assert found["incidents"]["extent"]["temporal"]["interval"][0][1] is None
    assert "temporal" not in found["towns"]["extent"]
    assert found["grids"]["crs"] == [CRS84, *(f"{EPSG}{srid}" for srid in (4326, 4490, 3857, 4547))]


def test_titles_are_in_the_language_asked_for(client: FlaskClient) -> None:
    path = "/ogc/collections/towns"
    assert client.get(path, headers={"Accept-Language": "en-GB,en"}).json["title"] == "Towns"
    assert client.get(path, headers={"Accept-Language": "zh-CN"}).json["title"] == "镇街"
    assert client.get(f"{path}?lang=en", headers={"Accept-Language": "zh-CN"}).json["title"] == "Towns"


def test_the_description_is_valid_openapi_and_describes_every_collection(client: FlaskClient) -> None:
    answer = client.get("/ogc/api")
    assert answer.headers["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"
    document = answer.get_json(force=True)
    validate(document)
    offered = {item["id"] for item in client.get("/ogc/collections").json["collections"]}
    assert {path.split("/")[2] for path in document["paths"] if path.endswith("/items")} == offered


def test_the_description_satisfies_the_registry_of_the_standard(client: FlaskClient) -> None:
    document = parse_openapi_content(client.get("/ogc/api").data)
    judged = validate_ogc_api(document, parse_conformance_classes(list(CONFORMS_TO)))
    assert (judged.is_valid, judged.errors) == (True, ())


def test_every_parameter_that_is_described_is_taken(client: FlaskClient) -> None:
    document = client.get("/ogc/api").get_json(force=True)
    for name in COLLECTIONS:
        operation = document["paths"].get(f"/collections/{name}/items", {}).get("get", {"parameters": []})
        described = {item.get("name") or item["$ref"].rpartition("/")[2] for item in operation["parameters"]}
        refused = client.get(f"/ogc/collections/{name}/items?bogus=1").json["known"]
        assert described in (set(refused), set())


def test_the_pages_of_a_collection_hold_every_feature_once(client: FlaskClient) -> None:
    body, seen = client.get(f"{ITEMS}?limit=999&skipGeometry=true&properties=code").json, []
    while True:
        assert body["numberMatched"] == 2_958
        assert body["numberReturned"] == len(body["features"])
        seen += _ids(body)
        if "next" not in _links(body):
            break
        body = client.get(_links(body)["next"]).json
    assert len(seen) == len(set(seen)) == 2_958


def test_a_page_tells_its_links_in_the_header_too(client: FlaskClient) -> None:
    answer = client.get(f"{ITEMS}?limit=1")
    assert {link["rel"] for link in answer.json["links"]} == {"self", "alternate", "collection", "next"}
    assert f'<{_links(answer.json)["next"]}>; rel="next"' in answer.headers["Link"]
    assert datetime.fromisoformat(answer.json["timeStamp"]).tzinfo == UTC


def test_an_estimate_is_not_called_the_number_matched_and_hits_counts_exactly(client: FlaskClient, demo: Connection) -> None:
    page = client.get("/ogc/collections/incidents/items?limit=1").json
    assert "numberMatched" not in page
    assert page["numberMatchedEstimate"] > 10_000
    hits = client.get("/ogc/collections/incidents/items?resultType=hits").json
    count = demo.execute(text("SELECT count(*) FROM incident")).scalar_one()
    assert (hits["numberMatched"], hits["numberReturned"], hits["features"]) == (count, 0, [])


def test_more_than_the_most_is_the_most(client: FlaskClient) -> None:
    assert client.get(f"{ITEMS}?limit=100000&skipGeometry=true").json["numberReturned"] == COLLECTIONS["grids"].layer.most


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=-1", "limit=x", "limit=1&limit=2",
        "bbox=1,2,3", "bbox=a,b,c,d", "bbox=113,24,114,23", "bbox=nan,1,2,3", "bbox=200,1,100,3",
        "datetime=yesterday", "datetime=", "datetime=2025-02-01/2025-01-01", "crs=EPSG:4326", f"crs={EPSG}2154",
        f"bbox=1,2,3,4&bbox-crs={EPSG}2154", "properties=nix", "skipGeometry=maybe", "resultType=none", "unit_type=palace",
        "f=xml", "lang=fr", "after=x", "area=nowhere",
    ],
)  # fmt: skip
def test_a_parameter_at_fault_is_a_bad_request(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{ITEMS}?{query}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), answer.text


def test_a_box_is_the_same_ground_in_every_system(client: FlaskClient) -> None:
    corners = shapely.points([[113.74, 23.02], [113.78, 23.06]])
    asked = {"limit": 1000, "properties": "code", "skipGeometry": "true"}
    in_degrees = set(_ids(client.get(ITEMS, query_string=asked | {"bbox": "113.74,23.02,113.78,23.06"}).json))
    assert len(in_degrees) > 20
    for srid in (4326, 4490, 3857):
        west, south, east, north = shapely.total_bounds(zones.project(corners, to=srid))
        box = f"{south},{west},{north},{east}" if zones.is_north_first(srid) else f"{west},{south},{east},{north}"
        answer = client.get(ITEMS, query_string=asked | {"bbox": box, "bbox-crs": f"{EPSG}{srid}"})
        assert set(_ids(answer.json)) == in_degrees, srid


@pytest.mark.parametrize("box", ["1e308,1e308,1.1e308,1.2e308", "-1e308,-1e308,1e308,1e308", "0,0,5e-324,0", "4e5,2e6,1e308,1e308"])
def test_a_box_of_huge_or_tiny_numbers_is_answered(client: FlaskClient, box: str) -> None:
    for srid in (3857, 4547):
        answer = client.get(ITEMS, query_string={"bbox": box, "bbox-crs": f"{EPSG}{srid}", "limit": 1})
        assert answer.status_code == 200, answer.text


def test_heights_of_a_box_are_not_looked_at(client: FlaskClient) -> None:
    flat, deep = (client.get(f"{ITEMS}?limit=999&bbox={box}").json for box in ("113.7,23,113.8,23.1", "113.7,23,-9,113.8,23.1,99"))
    assert _ids(flat) == _ids(deep)


def test_a_box_across_the_date_line_does_not_hold_the_city(client: FlaskClient) -> None:
    assert client.get(f"{ITEMS}?bbox=177,-90,-177,90").json["numberMatched"] == 0
    assert client.get(f"{ITEMS}?bbox=100,-90,-177,90&limit=1").json["numberMatched"] == 2_958


@pytest.mark.parametrize(("srid", "name"), [(4547, "metres"), (4326, "degrees"), (3857, "metres")])
def test_a_geometry_in_another_system_is_the_same_place(client: FlaskClient, srid: int, name: str) -> None:
    path = "/ogc/collections/facilities/items"
    answer = client.get(path, query_string={"limit": 5, "crs": f"{EPSG}{srid}"})
    assert answer.headers["Content-Crs"] == f"<{EPSG}{srid}>"
    theirs = [shapely.Point(feature["geometry"]["coordinates"]) for feature in answer.json["features"]]
    if zones.is_north_first(srid):
        theirs = [shapely.Point(point.y, point.x) for point in theirs]
    places = [shapely.Point(feature["geometry"]["coordinates"]) for feature in client.get(f"{path}?limit=5").json["features"]]
    expected = zones.project(places, to=srid)
    assert shapely.distance(theirs, expected).max() < (0.02 if name == "metres" else 1e-6)


def test_the_division_of_a_past_moment_is_shown(client: FlaskClient) -> None:
    for moment in ("2025-06-01T00:00:00Z", "2025-06-01", "../2025-06-01T00:00:00Z"):
        assert client.get(f"{ITEMS}?limit=1&datetime={moment}").json["numberMatched"] == 3_106
    old = _ids(client.get(f"{ITEMS}?limit=1000&datetime=2025-06-01").json)
    gone = next(code for code in old if client.get(f"{ITEMS}/{code}").status_code == 404)
    assert client.get(f"{ITEMS}/{gone}?datetime=2025-06-01").json["id"] == gone


def test_a_walk_through_an_open_period_keeps_its_cursor(client: FlaskClient) -> None:
    body = client.get(f"{ITEMS}?limit=1000&datetime=2025-06-01/..").json
    assert client.get(_links(body)["next"]).status_code == 200


def test_incidents_are_asked_for_by_the_moment_of_the_report(client: FlaskClient, demo: Connection) -> None:
    count = demo.execute(
        text("SELECT count(*) FROM incident WHERE reported_at BETWEEN '2026-05-01T00:00:00Z' AND '2026-05-02T00:00:00Z'")
    ).scalar_one()
    query = {"resultType": "hits", "datetime": "2026-05-01T00:00:00Z/2026-05-02T00:00:00Z"}
    assert client.get("/ogc/collections/incidents/items", query_string=query).json["numberMatched"] == count


def test_filters_narrow_by_property(client: FlaskClient) -> None:
    body = client.get(f"{ITEMS}?town=441900003&unit_type=rental&limit=1000").json
    assert body["features"]
    assert {(row["properties"]["town"], row["properties"]["unit_type"]) for row in body["features"]} == {("441900003", "rental")}


def test_what_can_be_filtered_by_is_taken_as_a_parameter(client: FlaskClient) -> None:
    found = client.get("/ogc/collections/incidents/queryables").json
    known = client.get("/ogc/collections/incidents/items?bogus=1").json["known"]
    assert set(found["properties"]) - {"geometry"} <= set(known)
    assert found["additionalProperties"] is False


def test_the_schema_names_what_features_hold(client: FlaskClient) -> None:
    found = client.get("/ogc/collections/incidents/schema").json["properties"]
    feature = client.get("/ogc/collections/incidents/items?limit=1").json["features"][0]
    assert set(found) == {"geometry", *feature["properties"]}
    assert found["number"]["x-ogc-role"] == "id"
    assert found["reported_at"]["x-ogc-role"] == "primary-instant"


def test_only_the_properties_asked_for_are_sent(client: FlaskClient) -> None:
    feature = client.get(f"{ITEMS}/{GRID}?properties=code,population&skipGeometry=true").json
    assert (list(feature["properties"]), feature["geometry"]) == (["code", "population"], None)


def test_a_level_of_areas_holds_only_that_level(client: FlaskClient) -> None:
    body = client.get("/ogc/collections/towns/items?limit=1000&skipGeometry=true").json
    assert {feature["properties"]["level"] for feature in body["features"]} == {"town"}
    assert client.get("/ogc/collections/communities/items/441900003").status_code == 404
    assert client.get("/ogc/collections/towns/items/441900003").status_code == 200


def test_an_unchanged_page_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get(f"{ITEMS}?limit=2")
    assert client.get(f"{ITEMS}?limit=2", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_name_with_markup_is_text_on_the_page(client: FlaskClient) -> None:
    page = client.get("/ogc/collections/incidents/items?limit=5", headers=BROWSER).text
    assert "<script>" not in page.replace('<script type="module"', "").split("<main")[1]


@pytest.fixture
def token(app: Flask) -> str:
    with app.extensions["wangge-engine"].begin() as conn:
        return tokens.issue(conn, "planner", label="QGIS", days=1, by="test")


def test_map_programs_log_in_with_the_token_as_bearer_or_in_the_place_of_a_password(visitor: FlaskClient, token: str) -> None:
    assert visitor.get("/ogc/collections", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert visitor.get("/ogc/collections", auth=("planner", token)).status_code == 200


@pytest.mark.parametrize(("login", "secret"), [("planner", "wangge-demo"), ("planner", ""), ("", ""), ("planner", "wgt_nix")])
def test_a_password_is_never_taken(visitor: FlaskClient, login: str, secret: str) -> None:
    answer = visitor.get("/ogc/collections", auth=(login, secret))
    assert answer.status_code == 401
    assert [value.split()[0] for value in answer.headers.getlist("WWW-Authenticate")] == ["Bearer", "Basic"]


def test_a_token_is_refused_under_another_login(visitor: FlaskClient, token: str) -> None:
    assert visitor.get("/ogc/collections", auth=("viewer", token)).status_code == 401


def test_basic_opens_map_services_only_and_is_offered_nowhere_else(visitor: FlaskClient, token: str) -> None:
    answer = visitor.get("/api/v1/city", auth=("planner", token))
    assert answer.status_code == 401
    assert answer.headers.getlist("WWW-Authenticate") == ["Bearer"]


def test_a_browser_is_led_to_the_log_in(visitor: FlaskClient) -> None:
    answer = visitor.get("/ogc/collections", headers=BROWSER)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login?next=/ogc/collections")


def test_what_a_browser_repeats_by_itself_does_not_stand_for_the_form_token(app: Flask, login: Login) -> None:
    client = login("planner")
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        report = {"matter": "0101", "lon": 113.75, "lat": 23.04}
        answer = client.post("/api/v1/incidents", json=report, headers={"Authorization": "Basic cGxhbm5lcjp4"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert answer.status_code == 400
    assert "CSRF" in answer.json["detail"]
