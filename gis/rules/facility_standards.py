"""Which facilities fail what a facility of their kind must have."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from gis.coverage_records import FacilitySet, FacilityStandard
from gis.records import Floats, Name

FAILS: Final[Mapping[str, Name]] = {
    "floor_area": Name("建筑面积不足", "Floor area too small"),
    "floor_area_unknown": Name("建筑面积未登记", "Floor area not on record"),
    "m2_per_resident": Name("人均建筑面积不足", "Too little floor area per resident"),
    "residents_per_place": Name("每个名额对应居民过多", "Too many residents per place"),
    "capacity_unknown": Name("容量未登记", "Capacity not on record"),
}


def fails(facilities: FacilitySet, standards: Mapping[str, FacilityStandard], *, residents: Floats) -> list[tuple[str, ...]]:
    """Codes of what each facility fails, by its kind's standard; `residents` (f,) whom it is the nearest of its kind for.

    What is not on record cannot be shown to hold: it is told apart from what is too little.
    """
    columns = zip(
        facilities.kind.tolist(), facilities.floor_area_m2.tolist(), facilities.capacity.tolist(), residents.tolist(), strict=True
    )
    return [
        _of_one(standards[kind], floor_area_m2=floor, capacity=capacity, residents=people) if kind in standards else ()
        for kind, floor, capacity, people in columns
    ]


def _of_one(standard: FacilityStandard, *, floor_area_m2: float, capacity: float, residents: float) -> tuple[str, ...]:
    found: list[str] = []
    if standard.floor_area_m2 is not None or standard.m2_per_resident is not None:
        if np.isnan(floor_area_m2):
            found.append("floor_area_unknown")
        if standard.floor_area_m2 is not None and floor_area_m2 < standard.floor_area_m2:
            found.append("floor_area")
        if standard.m2_per_resident is not None and floor_area_m2 < standard.m2_per_resident * residents:
            found.append("m2_per_resident")
    if standard.residents_per_place is not None:
        if np.isnan(capacity):
            found.append("capacity_unknown")
        elif residents > standard.residents_per_place * capacity:
            found.append("residents_per_place")
    return tuple(found)


def those_that_fail(fails: Sequence[tuple[str, ...]]) -> dict[str, int]:
    """How many facilities fail by code."""
    return {code: count for code in FAILS if (count := sum(code in each for each in fails))}
