"""The reference says what coverage says."""

from pathlib import Path

import pytest

from gis.rules.facility_standards import FAILS
from gis.rules.reach_findings import SAYS

API = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "api.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", [*SAYS, *FAILS])
def test_every_finding_of_coverage_is_described(code: str) -> None:
    assert f"`{code}`" in API
