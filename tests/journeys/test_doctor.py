"""`wangge doctor` says what is wrong and what to do."""

import os
import subprocess
import sys
from pathlib import Path

WANGGE = str(Path(sys.executable).parent / "wangge")


def _doctor(**environment: str) -> tuple[int, str]:
    done = subprocess.run([WANGGE, "doctor"], env=os.environ | environment, capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_a_sound_installation_has_nothing_wrong(demo_url: str, folder: Path) -> None:
    status, said = _doctor(WANGGE_DATABASE_URL=demo_url, WANGGE_VAR_DIR=str(folder / "var"), WANGGE_PORT="39998")
    assert "✗" not in said
    assert "Schema: current" in said
    assert status == 0


def test_a_database_that_is_away_is_named(folder: Path) -> None:
    status, said = _doctor(WANGGE_DATABASE_URL="postgresql://x@127.0.0.1:1/x", WANGGE_VAR_DIR=str(folder / "var"))
    assert status == 1
    assert "Database: does not answer" in said
    assert "refused" in said
