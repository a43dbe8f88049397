"""What a workload model may weigh."""

from dataclasses import replace
from datetime import date

import pytest

from gis.plan_records import PlaceStandard, Weights
from gis.rules.weights import LIMITS, period_faults, weight_faults

WEIGHTS = Weights(places={"shop": PlaceStandard(12, 60)})
KNOWN = {"kinds": {"shop"}, "matters": {"0101"}}


def test_the_standard_weights_are_without_fault():
    assert weight_faults(WEIGHTS, **KNOWN) == []


@pytest.mark.parametrize("field", LIMITS)
def test_each_limit_holds_on_both_sides(field: str):
    least, most = LIMITS[field]
    assert [weight_faults(replace(WEIGHTS, **{field: value}), **KNOWN) for value in (least, most)] == [[], []]
    for value in (least - 0.1, most + 0.1, float("nan")):
        assert [fault["field"] for fault in weight_faults(replace(WEIGHTS, **{field: value}), **KNOWN)] == [field]


def test_a_kind_of_place_left_out_and_one_unknown_are_named():
    weights = replace(WEIGHTS, places={"bank": PlaceStandard(12, 60)})
    assert [fault["field"] for fault in weight_faults(weights, **KNOWN)] == ["places.shop", "places.bank"]


def test_a_period_may_end_with_the_present_month():
    assert period_faults(date(2025, 12, 1), date(2026, 1, 1), today=date(2025, 12, 31)) == []
    assert period_faults(date(2025, 12, 1), date(2026, 2, 1), today=date(2025, 12, 31)) != []
