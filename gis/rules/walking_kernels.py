"""Compiled searches over the walking network: who is nearest, and who is within the limit.

Lengths are whole decimetres. What has to be looked at next lies in a ring of buckets, one for every few metres (Dial 1969,
Communications of the ACM 12:11; Denardo and Fox 1979, Operations Research 27:1); a crossing lies in one bucket at most, and comes
back if a shorter way is found inside its bucket. So nothing is sorted, ways are exact, and the answer does not depend on the
order of anything.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gis.rules.placing_kernels import Int32s, Int64s, Whole, compiled
from gis.rules.walking_streets import Pairs, Streets

NONE = -1
WIDTH_BITS = 6
"""A bucket is 6.4 m wide."""
FAR = np.int32(2**31 - 1)
UNREACHED = np.int64(2**63 - 1)
DRAWN_AT_ONCE = 1024
SOURCE_BITS = 32
LOW_WORD = np.int64(2**32 - 1)

OUT = -2
DM, AHEAD, BEHIND = 0, 1, 2
"""Columns of ``nodes``: the way so far, and the neighbours in the bucket; OUT for one that lies in none."""


class Places(NamedTuple):
    """Places on streets, as the searches want them: both ends of each street with what it takes to get there."""

    street: Int32s
    along_dm: Int32s
    leg_dm: Int32s
    start: Int32s
    start_dm: Int32s
    end: Int32s
    end_dm: Int32s


class Reached(NamedTuple):
    """Places by the crossing and by the street they hang on."""

    at_crossing: Pairs
    """For crossing u: where its arcs begin, and where its places do in ``hanging``."""
    hanging: Pairs
    """A place, and the decimetres to it."""
    first_on_street: Int32s
    on_street: Int32s
    along_dm: Int32s
    leg_dm: Int32s
    n_places: int


class Scratch(NamedTuple):
    """What one thread writes on; clean before and after every search."""

    nodes: Pairs
    head: Int32s
    seen: Int32s
    place_dm: Int32s
    place_seen: Int32s


@compiled
def unlink(node: Whole, bucket: Whole, head: Int32s, nodes: Pairs) -> None:
    """Take a crossing out of its bucket."""
    ahead, behind = nodes[node, AHEAD], nodes[node, BEHIND]
    if behind == NONE:
        head[bucket] = ahead
    else:
        nodes[behind, AHEAD] = ahead
    if ahead != NONE:
        nodes[ahead, BEHIND] = behind
    nodes[node, BEHIND] = OUT


@compiled
def put(node: Whole, bucket: Whole, head: Int32s, nodes: Pairs) -> None:
    """Lay a crossing on top of a bucket."""
    ahead = head[bucket]
    nodes[node, AHEAD] = ahead
    nodes[node, BEHIND] = NONE
    if ahead != NONE:
        nodes[ahead, BEHIND] = node
    head[bucket] = node


@compiled
def lay_down(node: Whole, key: Whole, laid: Int64s, count: int, head: Int32s) -> int:
    """Lay a crossing into the bucket of a way; returns how many were ever laid. What lies deeper for it is stale from now."""
    bucket = (key >> (SOURCE_BITS + WIDTH_BITS)) & (len(head) - 1)
    laid[count, 0] = key
    laid[count, 1] = (np.int64(node) << SOURCE_BITS) | np.int64(head[bucket] + 1)
    head[bucket] = count
    return count + 1


@compiled
def spread(
    first_arc: Int32s, arcs: Pairs, seed_node: Int32s, seed_dm: Int32s, seed_source: Int32s, ring: int, limit_dm: int
) -> Int64s:
    """For every crossing ``dm << 32 | source`` of its nearest source; of two as near the lower one. Seeds ascend by ``seed_dm``.

    All the city is searched at once, so that a bucket holds crossings from everywhere: they are laid one behind the other in
    memory, and one that has found a nearer way since is passed over.
    """
    best, head = np.full(len(first_arc) - 1, UNREACHED), np.full(ring, NONE, np.int32)
    laid = np.empty((len(arcs) + len(seed_node) + 1, 2), np.int64)
    drawn_key, drawn_node = np.empty(DRAWN_AT_ONCE, np.int64), np.empty(DRAWN_AT_ONCE + 1, np.int32)
    count, taken, seed, now = 0, 0, 0, np.int64(0)
    while taken < count or seed < len(seed_node):
        if taken == count:
            now = max(now, np.int64(seed_dm[seed]) >> WIDTH_BITS)
        while seed < len(seed_node) and seed_dm[seed] >> WIDTH_BITS <= now:
            key = (np.int64(seed_dm[seed]) << SOURCE_BITS) | np.int64(seed_source[seed])
            if key < best[seed_node[seed]] and seed_dm[seed] <= limit_dm:
                best[seed_node[seed]] = key
                count = lay_down(seed_node[seed], key, laid, count, head)
            seed += 1
        bucket = now & (ring - 1)
        at, drawn = np.int64(head[bucket]), 0
        while at != NONE and drawn < DRAWN_AT_ONCE:
            node = laid[at, 1] >> SOURCE_BITS
            drawn_key[drawn], drawn_node[drawn] = laid[at, 0], node
            at = (laid[at, 1] & LOW_WORD) - 1
            drawn_node[drawn + 1] = arcs[first_arc[node], 0]  # fetched ahead: memory is what this waits for
            drawn += 1
        head[bucket] = at
        taken += drawn
        for i in range(drawn):
            node, here = drawn_node[i], drawn_key[i]
            if best[node] != here:
                continue
            if count + first_arc[node + 1] - first_arc[node] + len(seed_node) - seed > len(laid):
                laid = with_room(laid)
            for arc in range(first_arc[node], first_arc[node + 1]):
                key = here + (np.int64(arcs[arc, 1]) << SOURCE_BITS)
                if key < best[arcs[arc, 0]] and (key >> SOURCE_BITS) <= limit_dm:
                    best[arcs[arc, 0]] = key
                    count = lay_down(arcs[arc, 0], key, laid, count, head)
        now += 1 if head[bucket] == NONE else 0
    return best


@compiled
def with_room(laid: Int64s) -> Int64s:
    """The same with as much room again."""
    out = np.empty((2 * len(laid), 2), np.int64)
    out[: len(laid)] = laid
    return out


@compiled
def nearest_of(best: Int64s, targets: Places, sources: Places, n_streets: int, limit_dm: int) -> Int64s:
    """For every target ``dm << 32 | source``, its leg counted; straight along the street from sources on the same."""
    out, last, before = np.full(len(targets.street), UNREACHED), np.full(n_streets, NONE, np.int32), np.empty_like(sources.street)
    for source in range(len(sources.street)):
        if sources.street[source] != NONE:
            before[source] = last[sources.street[source]]
            last[sources.street[source]] = source
    for at in range(len(targets.street)):
        street = targets.street[at]
        if street == NONE:
            continue
        key = UNREACHED
        here = best[targets.start[at]]
        if here != UNREACHED:
            key = here + (np.int64(targets.start_dm[at]) << SOURCE_BITS)
        here = best[targets.end[at]]
        if here != UNREACHED:
            key = min(key, here + (np.int64(targets.end_dm[at]) << SOURCE_BITS))
        source = last[street]
        while source != NONE:
            dm = abs(np.int64(targets.along_dm[at]) - sources.along_dm[source]) + targets.leg_dm[at] + sources.leg_dm[source]
            key = min(key, (dm << SOURCE_BITS) | np.int64(source))
            source = before[source]
        if key != UNREACHED and (key >> SOURCE_BITS) <= limit_dm:
            out[at] = key
    return out


@compiled
def hand_in(place: Whole, dm: Whole, found: int, scratch: Scratch) -> int:
    """Note a way to a place, if it is the shortest yet; returns how many places are found."""
    if dm < scratch.place_dm[place]:
        if scratch.place_dm[place] == FAR:
            scratch.place_seen[found] = place
            found += 1
        scratch.place_dm[place] = dm
    return found


@compiled
def reach_on_street(source: int, sources: Places, reached: Reached, scratch: Scratch, limit_dm: int) -> int:
    """Hand in the places on the source's own street, straight along it; returns how many."""
    found = 0
    street, along, leg = sources.street[source], sources.along_dm[source], sources.leg_dm[source]
    for i in range(reached.first_on_street[street], reached.first_on_street[street + 1]):
        place = reached.on_street[i]
        dm = abs(reached.along_dm[place] - along) + reached.leg_dm[place] + leg
        if dm <= limit_dm:
            found = hand_in(place, dm, found, scratch)
    return found


@compiled
def come_to(node: Whole, dm: Whole, waiting: int, touched: int, scratch: Scratch) -> tuple[int, int]:
    """Lay a crossing into the bucket of a way that is shorter than all before; returns how many wait and were ever met."""
    nodes, head = scratch.nodes, scratch.head
    if nodes[node, DM] == FAR:
        scratch.seen[touched] = node
        touched += 1
    if nodes[node, BEHIND] == OUT:
        waiting += 1
    else:
        unlink(node, (nodes[node, DM] >> WIDTH_BITS) & (len(head) - 1), head, nodes)
    nodes[node, DM] = dm
    put(node, (dm >> WIDTH_BITS) & (len(head) - 1), head, nodes)
    return waiting, touched


@compiled
def reach_one(arcs: Pairs, source: int, sources: Places, reached: Reached, scratch: Scratch, limit_dm: int) -> int:
    """Fill ``place_dm`` for all places within the limit of one source and list them in ``place_seen``; returns how many."""
    nodes, head, first = scratch.nodes, scratch.head, reached.at_crossing
    found = reach_on_street(source, sources, reached, scratch, limit_dm)
    waiting, touched = 0, 0
    if sources.start_dm[source] <= limit_dm:
        waiting, touched = come_to(sources.start[source], sources.start_dm[source], waiting, touched, scratch)
    if sources.end_dm[source] <= limit_dm and sources.end_dm[source] < nodes[sources.end[source], DM]:
        waiting, touched = come_to(sources.end[source], sources.end_dm[source], waiting, touched, scratch)
    bucket = np.int64(min(sources.start_dm[source], sources.end_dm[source])) >> WIDTH_BITS
    while waiting > 0:
        bucket &= len(head) - 1
        while head[bucket] != NONE:
            node = head[bucket]
            unlink(node, bucket, head, nodes)
            waiting -= 1
            here = nodes[node, DM]
            for i in range(first[node, 1], first[node + 1, 1]):
                if here + reached.hanging[i, 1] > limit_dm:
                    break  # places ascend too
                found = hand_in(reached.hanging[i, 0], here + reached.hanging[i, 1], found, scratch)
            for arc in range(first[node, 0], first[node + 1, 0]):
                longer = here + arcs[arc, 1]
                if longer > limit_dm:
                    break  # arcs ascend
                if longer < nodes[arcs[arc, 0], DM]:
                    waiting, touched = come_to(arcs[arc, 0], longer, waiting, touched, scratch)
        bucket += 1
    for i in range(touched):
        nodes[scratch.seen[i], DM] = FAR
    return found


@compiled
def reach(
    arcs: Pairs, begin: int, end: int, sources: Places, reached: Reached, scratch: Scratch, limit_dm: int
) -> tuple[Int32s, Int32s, Int32s]:
    """For sources ``begin`` to ``end``: how many places each reaches, which (ascending), and over how many decimetres."""
    count = np.zeros(end - begin, np.int32)
    place, dm = np.empty(64 * (end - begin), np.int32), np.empty(64 * (end - begin), np.int32)
    filled = 0
    for source in range(begin, end):
        if sources.street[source] == NONE:
            continue
        found = reach_one(arcs, source, sources, reached, scratch, limit_dm)
        if filled + found > len(place):
            place = lengthened(place, filled, 2 * (filled + found))
            dm = lengthened(dm, filled, 2 * (filled + found))
        mine = np.sort(scratch.place_seen[:found])
        for i in range(found):
            place[filled + i] = mine[i]
            dm[filled + i] = scratch.place_dm[mine[i]]
            scratch.place_dm[mine[i]] = FAR
        count[source - begin] = found
        filled += found
    return count, place[:filled], dm[:filled]


@compiled
def lengthened(values: Int32s, filled: int, length: int) -> Int32s:
    """The same numbers with room behind them."""
    out = np.empty(length, np.int32)
    out[:filled] = values[:filled]
    return out


def a_scratch(n_crossings: int, n_places: int, ring: int) -> Scratch:
    """What a thread needs to search a network of so many crossings and places."""
    nodes = np.full((n_crossings, 4), OUT, np.int32)
    nodes[:, DM] = FAR
    return Scratch(
        nodes, np.full(ring, NONE, np.int32), np.empty(n_crossings, np.int32),
        np.full(n_places, FAR, np.int32), np.empty(n_places, np.int32),
    )  # fmt: skip


def ring_for(streets: Streets, limit_dm: int) -> int:
    """Buckets enough for the longest arc that may be walked, a power of two."""
    longest = min(int(streets.length_dm.max(initial=0)), limit_dm)
    return int(2 ** int(np.ceil(np.log2((longest >> WIDTH_BITS) + 2))))
