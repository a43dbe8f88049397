"""Which streets are walked and which lines bar the way, by the words of OpenStreetMap (wiki.openstreetmap.org/wiki/Key:highway).

Words come as columns (k,) of text or None, one row for each line. A road layer of another origin has a class column at most; a
class that is not listed here is walked.
"""

from collections.abc import Mapping

import numpy as np

from gis.records import Flags, Texts

NOT_THERE = frozenset({"construction", "proposed", "planned", "abandoned", "razed", "disused", "no"})
EXPRESSWAYS = frozenset({
    "motorway", "motorway_link", "trunk", "trunk_link", "expressway", "freeway", "高速公路", "高速", "快速路", "城市快速路",
})  # fmt: skip
NOT_WALKED = EXPRESSWAYS | {"bus_guideway", "busway", "raceway", "escape"}
ALLOWED = frozenset({"yes", "designated", "permissive", "official", "destination", "both", "left", "right"})
FORBIDDEN = frozenset({"no", "private", "use_sidepath", "discouraged"})
KINDS: Mapping[str, tuple[str, frozenset[str]]] = {
    "river": ("waterway", frozenset({"river", "canal", "riverbank", "dock"})),
    "railway": ("railway", frozenset({"rail", "light_rail", "subway", "narrow_gauge", "monorail"})),
    "wall": ("barrier", frozenset({"wall", "city_wall", "retaining_wall", "noise_barrier"})),
    "expressway": ("highway", EXPRESSWAYS),
}
"""Each kind of barrier: the key that says so, and its values. A fence has more gaps than maps know."""
TAGS = ("highway", "foot", "access", "sidewalk", "bridge", "tunnel", "waterway", "railway", "barrier")
"""The keys that are asked of an OpenStreetMap file."""
NO = frozenset({"no", "n", "f", "false", "0", "否"})


def is_walked(tags: Mapping[str, Texts]) -> Flags:
    """Lines (k,) that people walk along: of a class that is walked or open to those on foot, and not closed to them.

    What a key says of walking counts before what it says of all traffic, and that before the class.
    """
    highway = tags["highway"]
    has = np.array([bool(value) for value in highway], dtype=bool)
    on_foot = _among(tags, "foot", ALLOWED) | (_among(tags, "sidewalk", ALLOWED) & ~_among(tags, "foot", FORBIDDEN))
    closed = _among(tags, "foot", FORBIDDEN) | (_among(tags, "access", FORBIDDEN) & ~on_foot)
    return has & ~closed & ~_among(tags, "highway", NOT_THERE) & (on_foot | ~_among(tags, "highway", NOT_WALKED))


def barrier_kinds(tags: Mapping[str, Texts]) -> Texts:
    """The kind of barrier that each line (k,) is, or None. What runs in a tunnel or on a bridge bars nobody's way."""
    kinds = np.full(len(tags["highway"]), None, dtype=object)
    for kind, (key, values) in KINDS.items():
        kinds[_among(tags, key, values)] = kind
    kinds[is_walked(tags) | _says(tags, "tunnel") | (_says(tags, "bridge") & ~_among(tags, "waterway", KINDS["river"][1]))] = None
    return kinds


def _says(tags: Mapping[str, Texts], key: str) -> Flags:
    """Rows of which a key says something that is not no."""
    column = tags.get(key)
    rows = len(tags["highway"])
    return np.zeros(rows, dtype=bool) if column is None else np.array([bool(v) and v.lower() not in NO for v in column], dtype=bool)


def _among(tags: Mapping[str, Texts], key: str, values: frozenset[str]) -> Flags:
    column = tags.get(key)
    rows = len(tags["highway"])
    return np.zeros(rows, dtype=bool) if column is None else np.array([value in values for value in column], dtype=bool)
