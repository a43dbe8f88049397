"""Questions of coverage: what cannot be answered is refused by its field."""

from dataclasses import replace

import pytest

from gis.coverage_records import OpenAt, ReachQuestion
from gis.records import Name
from gis.rules.reach_findings import SAYS, finding, some_names
from gis.rules.reach_questions import faults

ASKED = ReachQuestion(kinds=("park",), services=("s01",), levels=("town",), open_at=OpenAt(7, 600), floor_area_m2=350.0)
KNOWN = {"kinds": {"park", "market"}, "services": {"s01"}}


def test_a_question_that_can_be_answered_has_no_faults() -> None:
    assert faults(ASKED, **KNOWN) == []
    assert faults(ReachQuestion(), kinds=(), services=()) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kinds": ("park", "zoo")}, "kinds"), ({"services": ("s02",)}, "services"), ({"levels": ("planet",)}, "levels"),
        ({"minutes": 0.0}, "minutes"), ({"minutes": float("nan")}, "minutes"), ({"minutes": 500.0}, "minutes"),
        ({"minutes": None}, "minutes"), ({"metres": -1.0}, "metres"), ({"metres": float("inf")}, "metres"),
        ({"speed_kmh": 40.0}, "speed_kmh"), ({"detour": 0.5}, "detour"), ({"k": 0}, "k"), ({"k": 21}, "k"),
        ({"share": 0.0}, "share"), ({"share": 1.5}, "share"), ({"floor_area_m2": -1.0}, "floor_area_m2"),
        ({"method": "fly"}, "method"), ({"group": "giant"}, "group"), ({"rule": "some"}, "rule"),
        ({"open_at": OpenAt(8, 0)}, "open_at"), ({"open_at": OpenAt(1, 1440)}, "open_at"),
        ({"by_ground": True}, "by_ground"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_names_its_field(changes: dict[str, object], field: str) -> None:
    assert [fault["field"] for fault in faults(replace(ASKED, **changes), **KNOWN)] == [field]


def test_every_finding_fills_its_sentence_in_both_languages() -> None:
    facts = {"count": 1234, "metres": 500, "residents": 5_000_000, "kind": "zoo", "datum": "GCJ02", "before_m": 300, "after_m": 2}
    for code in SAYS:
        said = finding(code, names=Name("甲、乙", "A, B"), **facts).says
        assert "{" not in said.zh + said.en
    assert "5,000,000" in finding("cells_far_from_streets", count=1, metres=500, residents=5_000_000).says.en


def test_of_many_names_a_few_are_said() -> None:
    names = [Name(f"{i}号", f"No. {i}") for i in range(5)]
    assert some_names(names) == Name("0号、1号、2号等", "No. 0, No. 1, No. 2, …")
    assert some_names(names[:1]) == Name("0号", "No. 0")
