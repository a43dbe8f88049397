"""How many residents find room at new sites of limited capacity: the greatest flow from groups of cells to sites."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from gis.records import Floats, Ints
from gis.rules.siting_ground import Groups


def taken_in(groups: Groups, chosen: Ints, room: Floats) -> int:
    """Residents of the groups whom the chosen candidates can take in; a group may be shared out over several of them."""
    position = np.full(len(room), -1, np.int64)
    position[chosen] = np.arange(len(chosen))
    group = np.repeat(np.arange(len(groups), dtype=np.int64), np.diff(groups.first))
    there = position[groups.place] >= 0
    group, site = group[there], position[groups.place[there]]
    g, s = len(groups), len(chosen)
    begin, end = g + s, g + s + 1
    most = np.minimum(np.floor(room[chosen]), groups.residents.sum())
    ways = np.concatenate([groups.residents, groups.residents[group], most]).astype(np.int32)
    from_ = np.concatenate([np.full(g, begin), group, g + np.arange(s)])
    to = np.concatenate([np.arange(g), g + site, np.full(s, end)])
    return int(maximum_flow(csr_array((ways, (from_, to)), shape=(end + 1, end + 1)), begin, end).flow_value)
