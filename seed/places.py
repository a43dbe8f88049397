"""Places that officers inspect, by cell: as many in the city as one such system held in 2023, spread with a heavy tail."""

from collections.abc import Iterator

import numpy as np

from gis.plan_records import PlaceKind, PlaceStandard, Weights
from gis.records import Name
from seed.residents import UNIT_TYPES
from seed.shares import Floats, Ints

RESIDENTS_THEN = 10_466_625
# Places per resident of that city: 386,000 self-built rented houses, 855,000 businesses of which one in eleven is a factory.
KINDS = {
    "rented_house": (Name("出租屋", "Rented house"), PlaceStandard(15, 30), 386_000 / RESIDENTS_THEN),
    "shop": (Name("三小场所", "Small shop, workshop or venue"), PlaceStandard(12, 60), 776_000 / RESIDENTS_THEN),
    "factory": (Name("工厂企业", "Factory"), PlaceStandard(40, 60), 79_000 / RESIDENTS_THEN),
    "venue": (Name("人员密集场所", "Venue with many people"), PlaceStandard(45, 30), 12_000 / RESIDENTS_THEN),
    "site": (Name("建筑工地", "Building site"), PlaceStandard(40, 14), 2_600 / RESIDENTS_THEN),
    "key_unit": (Name("重点单位", "Key unit (school, hospital, depot)"), PlaceStandard(60, 30), 6_500 / RESIDENTS_THEN),
}
# How much likelier a kind is in a unit type, in the order of UNIT_TYPES.
LEANING = {
    "rented_house": (0.2, 4.0, 0.4, 1.2, 1.2, 1.2, 0.8),
    "shop": (0.6, 1.4, 4.0, 0.8, 0.6, 1.1, 0.8),
    "factory": (0.05, 0.6, 0.3, 8.0, 0.8, 0.2, 0.2),
    "venue": (0.8, 0.8, 4.0, 0.8, 0.5, 0.7, 0.6),
    "site": (1.2, 0.6, 1.2, 1.4, 1.2, 0.4, 1.6),
    "key_unit": (1.0, 0.8, 1.4, 1.6, 0.8, 1.0, 1.0),
}
CELL_TAIL = 0.9  # sigma of the log-normal spread between cells


def kinds() -> list[PlaceKind]:
    """The kinds of places with their standards."""
    return [PlaceKind(code, name, standard) for code, (name, standard, _) in KINDS.items()]


def standard_weights() -> Weights:
    """The weights that the demo's first workload model has."""
    return Weights(places={code: standard for code, (_, standard, _) in KINDS.items()})


def spread(cell_population: Ints, cell_type: Ints, *, rng: np.random.Generator) -> Iterator[tuple[int, str, int]]:
    """Position of a cell, kind, and how many places of it lie there, above zero. `cell_type` holds positions in UNIT_TYPES."""
    assert cell_type.max(initial=0) < len(UNIT_TYPES)
    for code, (_, _, per_resident) in KINDS.items():
        drawn = rng.poisson(_expected(code, per_resident, cell_population, cell_type, rng))
        there = np.flatnonzero(drawn)
        yield from ((at, code, n) for at, n in zip(there.tolist(), drawn[there].tolist(), strict=True))


def _expected(code: str, per_resident: float, cell_population: Ints, cell_type: Ints, rng: np.random.Generator) -> Floats:
    weight = (cell_population + 20.0) * np.array(LEANING[code])[cell_type] * rng.lognormal(0, CELL_TAIL, len(cell_population))
    expected: Floats = weight * (per_resident * cell_population.sum() / weight.sum())
    return expected
