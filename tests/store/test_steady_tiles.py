"""Tiles of areas, grids, cells and facilities: what they show, and the version that they show."""

from datetime import timedelta

import mapbox_vector_tile
import pytest
import shapely
from sqlalchemy import Connection, text

from gis import areas, city, facilities, tiles
from gis.errors import NotFound
from gis.records import AreaRow, City, FacilityRow, Name
from gis.store import tiles as store
from tests.builders import COMMUNITY, found_city, publish, square

PLACE = {"z": 12, "x": 3342, "y": 1774}
CHANGES = {
    "areas": "UPDATE area SET name_zh = '新'",
    "grids": "UPDATE grid_version SET population = population + 1",
    "cells": "DELETE FROM cell WHERE id = (SELECT max(id) FROM cell WHERE NOT EXISTS (SELECT 1 FROM cell_assignment))",
    "facilities": "UPDATE facility SET name_zh = '新'",
    "incidents": "SELECT fold_incident_counts()",
}


def _read(conn: Connection, layer: str, *, plan_id: int | None = None) -> dict:
    place = "SELECT ST_Transform(label_point, 3857) AS p FROM area LIMIT 1"
    x, y = conn.execute(text(f"SELECT tile_column(p, 12), tile_row(p, 12) FROM ({place}) AS place")).one()
    data = tiles.draw(conn, layer, z=12, x=x, y=y, plan_id=plan_id).data
    return mapbox_vector_tile.decode(data) if data else {}


def test_a_city_with_districts_has_them_in_its_tiles(conn: Connection) -> None:
    city.found(conn, City("440100", Name("广州市", "Guangzhou"), 4547, synthetic=True), by="test")
    tree = (("4401", "city", 0), ("440103", "district", 4), ("440103001", "town", 6), ("440103001001", "community", 9))
    rows = [
        AreaRow(code, code[:parent] or None, level, Name(code, code), square(0, 0), synthetic=True) for code, level, parent in tree
    ]
    areas.found(conn, rows, by="test")
    drawn = _read(conn, "areas")
    assert {layer: drawn[layer]["features"][0]["properties"]["code"] for layer in drawn} == {
        "district": "440103", "town": "440103001", "community": "440103001001",
    }


def test_a_shape_wholly_inside_a_tile_is_drawn_as_postgis_itself_would(conn: Connection) -> None:
    found_city(conn, "AB\nCB")
    publish(conn, "AB\nCB")
    box = {"z": 9, "x": 417, "y": 222}
    drawn, itself = conn.execute(
        text(f"""
            WITH {store.PLACE}
            SELECT array_agg(ST_AsText({store._drawn("geom")}) ORDER BY ref_id),
                   array_agg(ST_AsText({store._clipped("geom")}) ORDER BY ref_id)
            FROM map_shape, place p WHERE layer = 'grid' AND band = 3 AND geom @ p.square
        """),
        box,
    ).one()
    assert len(drawn) == 3
    for ours, theirs in zip(shapely.from_wkt(drawn), shapely.from_wkt(itself), strict=True):
        assert ours.equals(theirs)
        turns = [[part.exterior.is_ccw for part in shapely.get_parts(shape)] for shape in (ours, theirs)]
        assert turns[0] == turns[1]


def test_a_plan_to_come_is_drawn_only_when_asked_for(conn: Connection) -> None:
    found_city(conn, "AB")
    now, _ = publish(conn, "AB")
    later, codes = publish(conn, "AA", since=conn.execute(text("SELECT now()")).scalar_one() + timedelta(days=9))
    assert tiles.layers_now(conn).plan_id == now.id
    assert len(_read(conn, "grids", plan_id=now.id)["grid"]["features"]) == 2
    assert [each["properties"]["code"] for each in _read(conn, "grids", plan_id=later.id)["grid"]["features"]] == codes
    conn.execute(text("UPDATE plan SET valid = tstzrange(lower(valid), now()) WHERE id = :id"), {"id": now.id})
    conn.execute(text("UPDATE plan SET valid = tstzrange(now(), NULL) WHERE id = :id"), {"id": later.id})
    assert tiles.layers_now(conn).plan_id == later.id


def test_a_draft_has_no_tiles(conn: Connection) -> None:
    found_city(conn, "AB")
    draft = conn.execute(
        text("""
            INSERT INTO plan (scope_area_id, name_zh, name_en, state)
            SELECT id, '稿', 'draft', 'draft' FROM area LIMIT 1 RETURNING id
        """)
    ).scalar_one()
    with pytest.raises(NotFound):
        tiles.refuse_unpublished(conn, draft)


@pytest.mark.parametrize("layer", CHANGES)
def test_a_change_gives_its_layer_another_version_and_folding_does_not(conn: Connection, layer: str) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    row = FacilityRow("station", COMMUNITY, Name("站", "Station"), "community", 113.755, 23.045, None, None, None, synthetic=True)
    facilities.open_many(conn, [row], kinds={"station": Name("站", "Station")}, by="test")
    before = tiles.layers_now(conn).versions
    conn.execute(text(CHANGES[layer]))
    after = tiles.layers_now(conn).versions
    assert before[layer] != after[layer]
    if layer in tiles.STEADY_LAYERS:
        assert tiles.draw(conn, layer, **PLACE, plan_id=1).version == after[layer]
    store.fold_marks(conn)
    assert tiles.layers_now(conn).versions == after
    assert conn.execute(text("SELECT count(*) FROM layer_change")).scalar_one() == len(after)


def test_a_corrected_code_is_on_the_map(conn: Connection) -> None:
    found_city(conn, "AB")
    plan, codes = publish(conn, "AB")
    conn.execute(text("UPDATE grid SET code = '999999999999999' WHERE code = :code"), {"code": codes[0]})
    conn.execute(text("UPDATE area SET code = 'corrected' WHERE id IN (SELECT community_id FROM grid_version)"))
    drawn = [each["properties"] for each in _read(conn, "grids", plan_id=plan.id)["grid"]["features"]]
    assert sorted(each["code"] for each in drawn) == sorted(["999999999999999", *codes[1:]])
    assert {each["community"] for each in drawn} == {"corrected"}
