"""The walking network made ready for searching: corners without a choice are left out, and neighbours lie side by side.

Most nodes of a network of streets join two edges only: whoever comes goes on. Edges are strung together there to streets from
crossing to crossing (or dead end), which leaves a fraction of the nodes; ways are as long as before, to the decimetre. Crossings
are numbered along a Z-curve (Morton 1966), so that a search works in a small piece of memory.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from gis.records import Floats
from gis.rules.placing_kernels import Int32s, compiled
from gis.rules.walking_network import WalkingNetwork

UNSEEN: Final = -1
_BITS: Final = 16

Pairs = npt.NDArray[np.int32]
"""(p, 2), so that what is read together lies together."""


class Streets(NamedTuple):
    """s streets between n crossings. Edge e of the network lies in street `street[e]` and begins `offset_dm[e]` from the
    street's start; it is `turned` where it runs against the street."""

    street: Int32s
    offset_dm: Int32s
    turned: npt.NDArray[np.bool_]
    start: Int32s
    end: Int32s
    length_dm: Int32s
    first_arc: Int32s
    arcs: Pairs
    """The crossing at the other end, and the decimetres to there."""

    @property
    def n_crossings(self) -> int:
        return len(self.first_arc) - 1


def streets_of(network: WalkingNetwork) -> Streets:
    """String the edges of a network together."""
    m = len(network.start)
    ends = np.concatenate([network.start, network.end])
    by_node = np.argsort(ends, kind="stable")
    first = firsts(ends, len(network.xy_m))
    street, offset_dm, turned, start, end, length_dm = strung(
        first, (by_node % max(m, 1)).astype(np.int32), network.start.astype(np.int32), network.end.astype(np.int32),
        network.length_dm.astype(np.int32),
    )  # fmt: skip
    number, n = _numbered(network.xy_m, np.unique(np.concatenate([start, end])))
    start, end = number[start], number[end]
    from_, to, dm = np.concatenate([start, end]), np.concatenate([end, start]), np.concatenate([length_dm, length_dm])
    order = np.lexsort((dm, from_))
    arcs = np.ascontiguousarray(np.column_stack([to, dm])[order])
    return Streets(street, offset_dm, turned, start, end, length_dm, firsts(from_, n), arcs)


def _numbered(xy_m: Floats, crossings: npt.NDArray[np.int32]) -> tuple[Int32s, int]:
    """Numbers for the crossings along a Z-curve, by node of the network."""
    number = np.full(len(xy_m), UNSEEN, np.int32)
    if len(crossings):
        at_m = xy_m[crossings] - xy_m[crossings].min(axis=0)
        column, row = (at_m / max(at_m.max(), 1.0) * (2**_BITS - 1)).astype(np.uint64).T
        number[crossings[np.argsort(_spaced(column) | (_spaced(row) << np.uint64(1)))]] = np.arange(len(crossings))
    return number, len(crossings)


def _spaced(number: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The bits of 16-bit numbers with a gap after each."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        number = (number | (number << np.uint64(shift))) & np.uint64(mask)
    return number


def firsts(group: Int32s, count: int) -> Int32s:
    """Where each group 0 to `count` - 1 begins, when sorted by group."""
    first = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(group, minlength=count), out=first[1:])
    return first


@compiled
def strung(
    first: Int32s, edge_at: Int32s, start: Int32s, end: Int32s, length_dm: Int32s
) -> tuple[Int32s, Int32s, npt.NDArray[np.bool_], Int32s, Int32s, Int32s]:
    """Follow edges from crossing to crossing; a ring without a crossing begins anywhere. Edges at node u are
    ``edge_at[first[u]:first[u + 1]]``, one that begins where it ends is there twice."""
    n, m = len(first) - 1, len(start)
    street, offset_dm, turned = np.full(m, UNSEEN, np.int32), np.zeros(m, np.int32), np.zeros(m, np.bool_)
    from_, to, total = np.empty(m, np.int32), np.empty(m, np.int32), np.empty(m, np.int32)
    count = 0
    for rings in (False, True):
        for node in range(n):
            if not rings and first[node + 1] - first[node] == 2:
                continue
            for i in range(first[node], first[node + 1]):
                edge, here, walked = edge_at[i], node, 0
                if street[edge] != UNSEEN:
                    continue
                while True:
                    street[edge], turned[edge] = count, start[edge] != here
                    offset_dm[edge] = walked + length_dm[edge] if turned[edge] else walked
                    walked += length_dm[edge]
                    here = start[edge] if turned[edge] else end[edge]
                    if here == node or first[here + 1] - first[here] != 2:
                        break
                    edge = edge_at[first[here]] if edge_at[first[here]] != edge else edge_at[first[here] + 1]
                from_[count], to[count], total[count] = node, here, walked
                count += 1
    return street, offset_dm, turned, from_[:count], to[:count], total[:count]
