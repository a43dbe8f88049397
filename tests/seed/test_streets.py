"""The streets of a made-up city: borders of its cells, each once; rivers and expressways are crossed at bridges only."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from gis.rules.streets import Laid, edges_m, lay
from gis.rules.walking_network import WalkingNetwork
from seed.barriers import MANNERS
from seed.ground import Ground, lay_districts, lay_ground
from seed.routes import choose_routes
from seed.streets import CLASSES, EDGE_OF_CITY, borders_of, lay_streets
from tests.seed.test_districts import SHARES
from tests.seed.test_ground import OUTLINE, TOWNS

ACROSS = [manner.bridge for manner in MANNERS.values()]


@pytest.fixture(scope="module", params=["a city", "districts with holes and islands"])
def ground(request: pytest.FixtureRequest) -> Ground:
    return lay_ground(OUTLINE, TOWNS, seed=7) if request.param == "a city" else lay_districts(SHARES, seed=7, metric_crs=4547)


@pytest.fixture(scope="module")
def city() -> Ground:
    return lay_ground(OUTLINE, TOWNS, seed=7)


def laid(ground: Ground, *, seed: int) -> tuple[Laid, np.ndarray, np.ndarray]:
    """The network, the class of each edge, and the barriers' kinds."""
    made, streets = lay_streets(ground, rng=np.random.default_rng(seed))
    return made, streets.street_class[made.line], streets.kind


def border_lines(ground: Ground) -> np.ndarray:
    borders = borders_of(ground)
    return shapely.linestrings(
        ground.vertices_m[borders.vertex], indices=np.repeat(np.arange(len(borders.rank)), np.diff(borders.first))
    )


def mainland(network: WalkingNetwork) -> float:
    """The share of all street that hangs together: less than 1 where a district lies on islands."""
    return float(network.length_dm[network.island[network.start] == 0].sum() / network.length_dm.sum())


def test_every_border_of_a_cell_is_a_street_once(ground: Ground) -> None:
    borders = borders_of(ground)
    cells = ground.cell_rings
    steps = np.sort(np.column_stack([cells.members, cells.following]), axis=1)
    inner = np.ones(len(borders.vertex), dtype=bool)
    inner[borders.first[1:] - 1] = False
    at = np.flatnonzero(inner)
    walked = np.sort(np.column_stack([borders.vertex[at], borders.vertex[at + 1]]), axis=1)

    assert sorted(map(tuple, walked.tolist())) == sorted(map(tuple, np.unique(steps, axis=0).tolist()))


def test_a_border_is_ranked_by_what_it_divides(city: Ground) -> None:
    borders = borders_of(city)
    lines = border_lines(city)
    whole = {name: shapely.length(lines[borders.rank == rank]).sum() for rank, name in enumerate(CLASSES)}
    edge = shapely.length(shapely.coverage_union_all(city.town_rings.polygons(city.vertices_m)))
    names = ["primary", "secondary", "tertiary"]
    for level, below in (("town", names[:1]), ("community", names[:2]), ("grid", names)):
        rings = shapely.length(getattr(city, f"{level}_rings").polygons(city.vertices_m)).sum()
        assert sum(whole[name] for name in below) == pytest.approx((rings - edge) / 2), level
    assert whole[CLASSES[EDGE_OF_CITY]] == pytest.approx(edge)


@pytest.mark.parametrize("seed", range(6))
def test_a_city_with_rivers_and_expressways_holds_together_and_is_crossed_at_bridges_only(ground: Ground, seed: int) -> None:
    made, street_class, kinds = laid(ground, seed=seed)
    network = made.network
    edges = edges_m(network)
    crossed = np.zeros(len(edges), dtype=bool)
    for barrier in network.barriers_m:
        crossed |= shapely.intersects(barrier, edges)

    assert "river" in set(kinds.tolist()) <= {"river", "expressway"}
    assert set(street_class[crossed].tolist()) <= set(ACROSS)
    assert mainland(network) > 0.98 * mainland(lay(border_lines(ground), metric_srid=4547).network)
    assert mainland(lay(edges[~np.isin(street_class, ACROSS)], metric_srid=4547).network) < mainland(network)


def test_a_river_makes_the_way_across_longer(city: Ground) -> None:
    made, street_class, _ = laid(city, seed=1)
    network = made.network
    n = len(network.xy_m)
    graph = coo_array((network.length_dm / 10, (network.start, network.end)), shape=(n, n)).tocsr()
    banks = np.flatnonzero(street_class == MANNERS["river"].bank)
    ends = np.unique(network.start[banks])
    straight_m = np.hypot(*(network.xy_m[ends][:, None] - network.xy_m[ends]).transpose(2, 0, 1))
    walked_m = dijkstra(graph, directed=False, indices=ends)[:, ends]
    here, there = np.nonzero((straight_m > 0) & (straight_m < 3 * MANNERS["river"].half_width_m))
    lines = shapely.linestrings(np.stack([network.xy_m[ends][here], network.xy_m[ends][there]], axis=1))
    across = shapely.intersects(network.barriers_m[0], lines)
    longer = (walked_m / np.maximum(straight_m, 1))[here, there]

    assert np.isfinite(walked_m).all() and (walked_m >= straight_m - 1).all()
    assert across.sum() > 10
    assert np.quantile(longer[across], 0.75) > 5
    assert np.median(longer[~across]) < 1.5


def test_the_same_seed_gives_the_same_streets_and_another_seed_other_rivers(city: Ground) -> None:
    one, other = (lay_streets(city, rng=np.random.default_rng(5))[1] for _ in range(2))

    assert shapely.equals_exact(one.lines, other.lines).all() and (one.street_class == other.street_class).all()
    assert not shapely.equals(one.barriers[0], lay_streets(city, rng=np.random.default_rng(6))[1].barriers[0])


def test_a_city_of_a_few_blocks_has_streets_and_no_river() -> None:
    small = lay_districts(SHARES[:1], seed=7, metric_crs=4547)

    assert choose_routes(borders_of(small), small.vertices_m, rng=np.random.default_rng(1)) == []
    _, streets = lay_streets(small, rng=np.random.default_rng(1))
    assert len(streets.lines) == len(borders_of(small).rank) and len(streets.barriers) == 0
