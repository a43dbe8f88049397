"""Which column of a delivered layer holds what: guessed from the names that are met in practice, and from the content."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gis.rules import column_names, values
from gis.rules.street_classes import TAGS
from gis.rules.values import Parser

DBF_NAME_BYTES = 10
"""A shapefile cuts the names of its columns to so many bytes."""

@dataclass(frozen=True)
class Target:
    """A field of ours that a column may fill: how its values are read, and whether it must be filled.

    `names` are the usual names of such a column, the surest first; `looks` may tell one by its content.
    """

    field: str
    parse: Parser
    names: tuple[str, ...]
    required: bool = False
    looks: Callable[[str], bool] | None = None


def _digits(*counts: int) -> Callable[[str], bool]:
    pattern = re.compile("|".join(rf"\d{{{count}}}" for count in counts))
    return lambda text: pattern.fullmatch(text) is not None


_CHINESE = re.compile(r"[0-9A-Za-z()（）·-]*[\u4e00-\u9fff][0-9A-Za-z()（）·\u4e00-\u9fff-]*")


def _chinese(text: str) -> bool:
    return _CHINESE.fullmatch(text) is not None


def _places() -> tuple[Target, Target]:
    return Target("lon", values.number, column_names.LON_MORE), Target("lat", values.number, column_names.LAT_MORE)


TARGETS: dict[str, tuple[Target, ...]] = {
    "areas": (
        Target("code", values.code, column_names.CODE, looks=_digits(6, 9, 12)),
        Target("name_zh", values.text, column_names.NAME_ZH, required=True, looks=_chinese),
        Target("name_en", values.text, column_names.NAME_EN),
        Target("parent", values.code, column_names.PARENT),
        Target("population", values.count, column_names.POPULATION),
    ),
    "grids": (
        Target("code", values.code, column_names.GRID_CODE, looks=_digits(14, 15)),
        Target("community", values.code, column_names.COMMUNITY, looks=_digits(12)),
        Target("unit_type", values.unit_type, column_names.UNIT_TYPE, looks=values.is_unit_type),
        Target("population", values.count, column_names.POPULATION),
        Target("households", values.count, column_names.HOUSEHOLDS),
    ),
    "cells": (
        Target("community", values.code, column_names.COMMUNITY, looks=_digits(12)),
        Target("population", values.count, column_names.POPULATION),
        Target("households", values.count, column_names.HOUSEHOLDS),
        Target("unit_type", values.unit_type, column_names.UNIT_TYPE, looks=values.is_unit_type),
    ),
    "facilities": (
        Target("kind", values.text, column_names.FACILITY_KIND, required=True),
        Target("name_zh", values.text, column_names.FACILITY_NAME, required=True, looks=_chinese),
        Target("name_en", values.text, column_names.NAME_EN),
        Target("level", values.level, column_names.LEVEL, looks=values.is_level),
        Target("floor_area_m2", values.area_m2, column_names.FLOOR_AREA),
        Target("capacity", values.count, column_names.CAPACITY),
        Target("opening_hours", values.text, column_names.OPENING_HOURS),
        *_places(),
    ),
    "incidents": (
        Target("matter", values.text, column_names.MATTER, required=True),
        Target("reported_at", values.moment, column_names.REPORTED_AT, required=True, looks=values.is_moment),
        Target("closed_at", values.moment, column_names.CLOSED_AT),
        Target("state", values.state, column_names.STATE, looks=values.is_state),
        Target("channel", values.channel, column_names.CHANNEL, looks=values.is_channel),
        Target("description", values.text, column_names.DESCRIPTION),
        *_places(),
    ),
    "places": (
        Target("kind", values.text, column_names.PLACE_KIND, required=True),
        Target("number", values.count, column_names.NUMBER),
        Target("standard_min", values.number, column_names.STANDARD_MIN),
        Target("interval_d", values.number, column_names.INTERVAL_D),
        *_places(),
    ),
    "network": (
        Target("class", values.text, column_names.ROAD_CLASS),
        Target("name", values.text, column_names.ROAD_NAME),
        *(Target(key, values.text, (key,)) for key in TAGS if key != "highway"),
    ),
    "population": (
        Target("code", values.code, (*column_names.COMMUNITY, *column_names.CODE), looks=_digits(6, 9, 12, 14, 15)),
        Target("population", values.count, column_names.POPULATION, required=True),
        Target("households", values.count, column_names.HOUSEHOLDS),
        *_places(),
    ),
}


def guess(fields: Mapping[str, Sequence[Any]], *, kind: str) -> dict[str, str | None]:
    """The column of a layer that each target of a kind is most likely filled from, or None.

    `fields` has the names of the columns, each with some of its values. A column fills one target at most. The surest name
    wins; letter case and punctuation count for nothing, and a name cut to ten bytes by a shapefile is known again. What no
    name decides, the content may: a column of twelve digits is the code of a community.
    """
    targets = TARGETS[kind]
    bids = sorted(
        (rank, place, order, name)
        for order, target in enumerate(targets)
        for place, name in enumerate(fields)
        if (rank := _rank(name, target)) is not None
    )
    chosen: dict[str, str | None] = {target.field: None for target in targets}
    taken: set[str] = set()
    for _, _, order, name in bids:
        if chosen[targets[order].field] is None and name not in taken:
            chosen[targets[order].field] = name
            taken.add(name)
    for target in targets:
        if chosen[target.field] is None and target.looks:
            found = next((name for name, some in fields.items() if name not in taken and _all_look(some, target.looks)), None)
            chosen[target.field] = found
            taken |= {found} if found else set()
    return chosen


def guess_place(names: Sequence[str]) -> tuple[str | None, str | None, str | None]:
    """The columns of longitude, latitude and well-known text among some names; None for what is not there."""
    kinds = (column_names.LON_MORE, column_names.LAT_MORE, column_names.WKT)
    lon, lat, wkt = (next((name for word in kind for name in names if _plain(name) == _plain(word)), None) for kind in kinds)
    return lon, lat, wkt


def missing_targets(mapping: Mapping[str, str | None], *, kind: str) -> list[str]:
    """The targets that must be filled and are not."""
    return [target.field for target in TARGETS[kind] if target.required and not mapping.get(target.field)]


def _rank(name: str, target: Target) -> int | None:
    """How sure a column's name is for a target, 0 the surest; None for a name that says nothing."""
    plain = _plain(name)
    for rank, usual in enumerate(target.names):
        if plain == _plain(usual) or _is_cut(name, usual):
            return rank
    return None


def _is_cut(name: str, usual: str) -> bool:
    """Whether a column's name is a longer usual name that a shapefile cut, in UTF-8 or in the national encoding."""
    for encoding in ("utf-8", "gbk"):
        whole = usual.encode(encoding)
        cut = whole[:DBF_NAME_BYTES].decode(encoding, errors="ignore")
        if len(whole) > DBF_NAME_BYTES and name.lower() == cut:
            return True
    return False


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def _all_look(some: Sequence[Any], looks: Callable[[str], bool]) -> bool:
    texts = [values.plain_text(value) for value in some]
    there = [text for text in texts if text]
    return bool(there) and all(looks(text) for text in there)
