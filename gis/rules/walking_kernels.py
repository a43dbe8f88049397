"""Compiled searches over the walking network: who is nearest, and who is within the limit.

Lengths are whole decimetres. What has to be looked at next lies in buckets, one per decimetre (Dial 1969, Communications of the
ACM 12:11), in a ring that is just longer than the longest arc; a node lies in one bucket at most. So nothing is compared or
sorted, ways are exact, and the answer does not depend on the order of anything.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gis.rules.placing_kernels import Int32s, Int64s, Whole, compiled

NONE = -1
FAR = np.int32(2**31 - 1)
UNREACHED = np.int64(2**63 - 1)
_SOURCE_BITS = 32
_SOURCE = np.int64(2**32 - 1)

Arcs = tuple[Int64s, Int32s, Int32s]
"""``first_arc``, ``arc_node`` and ``arc_dm`` of a walking network."""


class Places(NamedTuple):
    """Places on edges, as the searches want them: both ends of each edge with what it takes to get there."""

    edge: Int64s
    along_dm: Int32s
    leg_dm: Int32s
    start: Int32s
    start_dm: Int32s
    end: Int32s
    end_dm: Int32s


class Reached(NamedTuple):
    """Places by the node and by the edge they hang on."""

    first_at_node: Int32s
    """Places that hang on node u are ``place[first_at_node[u]:first_at_node[u + 1]]``."""
    place: Int32s
    extra_dm: Int32s
    first_on_edge: Int32s
    on_edge: Int32s
    along_dm: Int32s
    leg_dm: Int32s
    n_places: int


class Scratch(NamedTuple):
    """What one thread writes on; clean before and after every search."""

    dm: Int32s
    following: Int32s
    before: Int32s
    head: Int32s
    seen: Int32s
    place_dm: Int32s
    place_seen: Int32s


@compiled
def unlink(node: Whole, bucket: Whole, head: Int32s, following: Int32s, before: Int32s) -> None:
    """Take a node out of its bucket."""
    ahead, behind = following[node], before[node]
    if behind == NONE:
        head[bucket] = ahead
    else:
        following[behind] = ahead
    if ahead != NONE:
        before[ahead] = behind


@compiled
def put(node: Whole, bucket: Whole, head: Int32s, following: Int32s, before: Int32s) -> None:
    """Lay a node on top of a bucket."""
    ahead = head[bucket]
    following[node] = ahead
    before[node] = NONE
    if ahead != NONE:
        before[ahead] = node
    head[bucket] = node


@compiled
def spread(arcs: Arcs, seed_node: Int32s, seed_dm: Int32s, seed_source: Int32s, ring: int, limit_dm: int) -> Int64s:
    """For every node ``dm << 32 | source`` of its nearest source; of two as near the lower one. Seeds ascend by ``seed_dm``."""
    first_arc, arc_node, arc_dm = arcs
    n = len(first_arc) - 1
    best = np.full(n, UNREACHED)
    following = np.full(n, NONE, np.int32)
    before = np.full(n, NONE, np.int32)
    waits = np.zeros(n, np.bool_)
    head = np.full(ring, NONE, np.int32)
    waiting = 0
    seed = 0
    now = np.int64(0)
    while waiting > 0 or seed < len(seed_node):
        if waiting == 0:
            now = max(now, np.int64(seed_dm[seed]))
        if now > limit_dm:
            break
        bucket = now % ring
        while seed < len(seed_node) and seed_dm[seed] <= now:
            node = seed_node[seed]
            key = (now << _SOURCE_BITS) | np.int64(seed_source[seed])
            if key < best[node]:
                if waits[node]:
                    unlink(node, (best[node] >> _SOURCE_BITS) % ring, head, following, before)
                else:
                    waits[node] = True
                    waiting += 1
                best[node] = key
                put(node, bucket, head, following, before)
            seed += 1
        while head[bucket] != NONE:
            node = head[bucket]
            unlink(node, bucket, head, following, before)
            waits[node] = False
            waiting -= 1
            key = best[node]
            for arc in range(first_arc[node], first_arc[node + 1]):
                other = arc_node[arc]
                longer = key + (np.int64(arc_dm[arc]) << _SOURCE_BITS)
                if longer < best[other] and (longer >> _SOURCE_BITS) <= limit_dm:
                    if waits[other]:
                        unlink(other, (best[other] >> _SOURCE_BITS) % ring, head, following, before)
                    else:
                        waits[other] = True
                        waiting += 1
                    best[other] = longer
                    put(other, (longer >> _SOURCE_BITS) % ring, head, following, before)
        now += 1
    return best


@compiled
def nearest_of(
    best: Int64s, targets: Places, sources: Places, by_edge: Int64s, from_: Int64s, to: Int64s, limit_dm: int
) -> Int64s:
    """For every target ``dm << 32 | source``, its leg counted. Sources on its own edge are ``by_edge[from_:to]``."""
    out = np.full(len(targets.edge), UNREACHED)
    for at in range(len(targets.edge)):
        if targets.edge[at] == NONE:
            continue
        key = UNREACHED
        here = best[targets.start[at]]
        if here != UNREACHED:
            key = here + (np.int64(targets.start_dm[at]) << _SOURCE_BITS)
        here = best[targets.end[at]]
        if here != UNREACHED:
            key = min(key, here + (np.int64(targets.end_dm[at]) << _SOURCE_BITS))
        for i in range(from_[at], to[at]):
            source = by_edge[i]
            dm = abs(np.int64(targets.along_dm[at]) - sources.along_dm[source]) + targets.leg_dm[at] + sources.leg_dm[source]
            key = min(key, (dm << _SOURCE_BITS) | source)
        if key != UNREACHED and (key >> _SOURCE_BITS) <= limit_dm:
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
def reach_on_edge(source: int, sources: Places, reached: Reached, scratch: Scratch, limit_dm: int) -> int:
    """Hand in the places on the source's own edge, straight along it; returns how many."""
    found = 0
    edge, along, leg = sources.edge[source], sources.along_dm[source], sources.leg_dm[source]
    for i in range(reached.first_on_edge[edge], reached.first_on_edge[edge + 1]):
        place = reached.on_edge[i]
        dm = abs(reached.along_dm[place] - along) + reached.leg_dm[place] + leg
        if dm <= limit_dm:
            found = hand_in(place, dm, found, scratch)
    return found


@compiled
def come_to(node: Whole, dm: Whole, waiting: int, touched: int, scratch: Scratch, ring: int) -> tuple[int, int]:
    """Lay a node into the bucket of a way that is shorter than all before; returns how many wait and were ever met."""
    if scratch.dm[node] == FAR:
        scratch.seen[touched] = node
        touched += 1
        waiting += 1
    else:
        unlink(node, scratch.dm[node] % ring, scratch.head, scratch.following, scratch.before)
    scratch.dm[node] = dm
    put(node, dm % ring, scratch.head, scratch.following, scratch.before)
    return waiting, touched


@compiled
def reach_one(arcs: Arcs, source: int, sources: Places, reached: Reached, scratch: Scratch, ring: int, limit_dm: int) -> int:
    """Fill ``place_dm`` for all places within the limit of one source and list them in ``place_seen``; returns how many."""
    first_arc, arc_node, arc_dm = arcs
    found = reach_on_edge(source, sources, reached, scratch, limit_dm)
    waiting, touched = 0, 0
    if sources.start_dm[source] <= limit_dm:
        waiting, touched = come_to(sources.start[source], sources.start_dm[source], waiting, touched, scratch, ring)
    if sources.end_dm[source] <= limit_dm and sources.end_dm[source] < scratch.dm[sources.end[source]]:
        waiting, touched = come_to(sources.end[source], sources.end_dm[source], waiting, touched, scratch, ring)
    now = np.int64(min(sources.start_dm[source], sources.end_dm[source]))
    while waiting > 0:
        bucket = now % ring
        while scratch.head[bucket] != NONE:
            node = scratch.head[bucket]
            unlink(node, bucket, scratch.head, scratch.following, scratch.before)
            waiting -= 1
            for i in range(reached.first_at_node[node], reached.first_at_node[node + 1]):
                if now + reached.extra_dm[i] <= limit_dm:
                    found = hand_in(reached.place[i], now + reached.extra_dm[i], found, scratch)
            for arc in range(first_arc[node], first_arc[node + 1]):
                longer = now + arc_dm[arc]
                if longer <= limit_dm and longer < scratch.dm[arc_node[arc]]:
                    waiting, touched = come_to(arc_node[arc], longer, waiting, touched, scratch, ring)
        now += 1
    for i in range(touched):
        scratch.dm[scratch.seen[i]] = FAR
    return found


@compiled
def reach(
    arcs: Arcs, begin: int, end: int, sources: Places, reached: Reached, scratch: Scratch, ring: int, limit_dm: int
) -> tuple[Int32s, Int32s, Int32s]:
    """For sources ``begin`` to ``end``: how many places each reaches, which (ascending), and over how many decimetres."""
    count = np.zeros(end - begin, np.int32)
    place = np.empty(64 * (end - begin), np.int32)
    dm = np.empty(64 * (end - begin), np.int32)
    filled = 0
    for source in range(begin, end):
        if sources.edge[source] == NONE:
            continue
        found = reach_one(arcs, source, sources, reached, scratch, ring, limit_dm)
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


def a_scratch(nodes: int, places: int, ring: int) -> Scratch:
    """What a thread needs to search a network of so many nodes and places."""
    return Scratch(
        dm=np.full(nodes, FAR, np.int32), following=np.empty(nodes, np.int32), before=np.empty(nodes, np.int32),
        head=np.full(ring, NONE, np.int32), seen=np.empty(nodes, np.int32),
        place_dm=np.full(places, FAR, np.int32), place_seen=np.empty(places, np.int32),
    )  # fmt: skip

