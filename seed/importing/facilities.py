"""Facilities: service points with their kind, each in its community."""

from collections.abc import Sequence

import numpy as np
import shapely
from sqlalchemy import Connection

from gis import areas, city, facilities
from gis.records import FacilityRow, Flags, Floats, Ints, Name
from gis.rules.coordinates import CoordinateFault, coordinate_faults
from gis.rules.findings import NOTICE, Finding
from gis.rules.homes import NOWHERE, homes_of_points
from seed.importing.incoming import Incoming
from seed.importing.points import lonlat, place_findings, row_finding, settle
from seed.importing.request import Checked, Options, Tell
from seed.names import both, pinyin
from seed.services import KINDS

SAME_PLACE_DECIMALS = 5  # of a degree: about a metre
LEVEL = "community"


def check(conn: Connection, incoming: Incoming, options: Options, tell: Tell) -> Checked:
    """Judge facilities: a known kind, a place inside a community, not there already."""
    city.get(conn)
    nodes = [node for node in areas.tree(conn) if node.level == "community"]
    lon, lat = lonlat(incoming)
    tell("Placing the facilities", 0, len(lon))
    findings = [*incoming.findings, *place_findings(incoming, lon, lat)]
    home = homes_of_points(shapely.points(lon, lat), np.array([node.geom for node in nodes], dtype=object))
    kinds, made, kind_faults = _kinds(conn, incoming, new_kinds=options.new_kinds)
    named = coordinate_faults(lon, lat) == CoordinateFault.OK
    findings += [*kind_faults, *_homeless(incoming, named & (home == NOWHERE), lon, lat)]
    there, twice = _there_already(conn, incoming, kinds, lon, lat)
    findings, sound = settle(findings + twice, incoming.rows, leave_out=options.leave_out)
    use = np.flatnonzero(sound & ~there)
    rows = _rows(incoming, use, kinds, [node.code for node in nodes], home, lon, lat)
    return Checked(
        info=incoming.info, fields=incoming.fields, findings=findings, counts={"facilities": len(rows)},
        write=lambda conn, by: _write(conn, rows, made, by), shapes=shapely.points(lon, lat),
        labels=incoming.labels("name_zh"), rows=incoming.rows,
    )  # fmt: skip


def _kinds(
    conn: Connection, incoming: Incoming, *, new_kinds: bool
) -> tuple[list[str | None], dict[str, Name], list[Finding]]:
    """The code of each row's kind, given as code or name in either language, and the kinds that must be made for them."""
    held = {row["code"]: Name(row["name_zh"], row["name_en"]) for row in facilities.kinds(conn)}
    known = {code: kind.name for code, kind in KINDS.items()} | held
    words = {word.casefold(): code for code, name in known.items() for word in (code, name.zh, name.en)}
    said = incoming.texts("kind")
    if new_kinds:
        made = {word: both(word, pinyin) for word in said if word and word.casefold() not in words}
        known |= made
        words |= {word.casefold(): word for word in made}
    codes = [words.get((word or "").casefold()) for word in said]
    listed = ", ".join(sorted(f"{code} {name.zh}" for code, name in known.items()))
    faults = [
        row_finding(incoming, i, "unknown_kind", f"its kind {word!r} is not one of: {listed}")
        for i, (word, code) in enumerate(zip(said, codes, strict=True))
        if code is None and word
    ]
    return codes, {code: known[code] for code in dict.fromkeys(codes) if code and code not in held}, faults


def _homeless(incoming: Incoming, homeless: Flags, lon: Floats, lat: Floats) -> list[Finding]:
    return [
        row_finding(
            incoming, i, "outside_city", "it lies in no community of the city; is the coordinate system right (GCJ-02, BD-09)?",
            lon=float(lon[i]), lat=float(lat[i]),
        )
        for i in np.flatnonzero(homeless).tolist()
    ]  # fmt: skip


def _there_already(
    conn: Connection, incoming: Incoming, kinds: Sequence[str | None], lon: Floats, lat: Floats
) -> tuple[np.ndarray, list[Finding]]:
    """Rows of the same kind, name and place as one that the city has or that the file has before."""
    seen = {(kind, name, *_place(x, y)) for kind, name, x, y in facilities.places(conn)}
    there = np.zeros(len(lon), dtype=bool)
    findings = []
    for i, key in enumerate(zip(kinds, incoming.texts("name_zh"), lon.tolist(), lat.tolist(), strict=True)):
        known = (key[0], key[1], *_place(key[2], key[3]))
        there[i] = known in seen
        seen.add(known)
        if there[i]:
            says = f"{key[1]} is there already, of the same kind and at the same place; it is not brought in twice"
            findings.append(row_finding(incoming, i, "there_already", says, severity=NOTICE, lon=key[2], lat=key[3]))
    return there, findings


def _place(lon: float, lat: float) -> tuple[float, float]:
    return round(lon, SAME_PLACE_DECIMALS), round(lat, SAME_PLACE_DECIMALS)


def _rows(
    incoming: Incoming, use: Ints, kinds: Sequence[str | None], communities: Sequence[str], home: Ints, lon: Floats, lat: Floats
) -> list[FacilityRow]:
    zh, en, hours = incoming.texts("name_zh"), incoming.texts("name_en"), incoming.texts("opening_hours")
    level, room, capacity = incoming.coded("level", LEVEL), incoming.optional("floor_area_m2"), incoming.optional("capacity")
    return [
        FacilityRow(
            kind=str(kinds[i]), community_code=communities[home[i]], name=_name(zh[i], en[i]), level=level[i],
            lon=float(lon[i]), lat=float(lat[i]), floor_area_m2=room[i], capacity=None if capacity[i] is None else int(capacity[i]),
            opening_hours=hours[i], synthetic=False,
        )
        for i in use.tolist()
    ]  # fmt: skip


def _name(zh: str | None, en: str | None) -> Name:
    return Name(zh or "", en) if en else both(zh or "", pinyin)


def _write(conn: Connection, rows: Sequence[FacilityRow], kinds: dict[str, Name], by: str) -> dict[str, int]:
    facilities.open_many(conn, rows, kinds=kinds, by=by)
    return {"facilities": len(rows)}
