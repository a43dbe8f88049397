"""The page of steps is the table of steps."""

from pathlib import Path

from gis.rules.case_steps import STATES, STEPS
from server.case_table import diagram, page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "case-table.md"


def test_the_page_of_steps_is_the_table_of_steps() -> None:
    said = "the table has changed: python -m server.case_table > docs/how-to/case-table.md"
    assert PAGE.read_text(encoding="utf-8") == page(), said


def test_the_diagram_has_every_state_and_a_way_for_every_step_that_leads_somewhere() -> None:
    drawn = diagram()
    assert all(f"    {state}: " in drawn for state in STATES)
    assert all(step.name.zh in drawn for step in STEPS if step.to)
