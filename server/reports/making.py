"""Reports that take a while: made by the worker, fetched when they are there. Web and worker processes share their folder."""

import hashlib
import logging
import os
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, Engine

from gis import city
from gis.comparing import Compared, Comparisons
from gis.errors import WanggeError
from gis.records import Reach
from server.reports.pdf import write_report

log = logging.getLogger(__name__)

KEPT_S: Final = 7 * 24 * 3600
GIVEN_UP_AFTER_S: Final = 180  # without a word: its worker died, or there is none
AT_ONCE_TOWNS: Final = 2  # that many map sheets take less than ten seconds


@dataclass(frozen=True)
class Reports:
    """The reports of one installation, by key: the file, and while it is made how far it is."""

    folder: Path

    def file(self, key: str) -> Path:
        """Where a report lies when it is whole."""
        return self.folder / f"{key}.pdf"

    def progress(self, key: str) -> dict[str, Any] | None:
        """How far a report is: done, total, and what went wrong; None for one that nobody makes."""
        path = self._note(key)
        if not path.exists() or time.time() - path.stat().st_mtime > GIVEN_UP_AFTER_S:
            return None
        told: dict[str, Any] = orjson.loads(path.read_bytes())
        return told

    def tell(self, key: str, **told: Any) -> None:
        """Write how far a report is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self._note(key).with_suffix(f".{os.getpid()}")
        fresh.write_bytes(orjson.dumps(told))
        fresh.rename(self._note(key))

    def forget(self, key: str) -> None:
        """Take the note away: the report is there, or it is to be tried again."""
        self._note(key).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove reports of weeks past."""
        for path in self.folder.glob("*"):
            if time.time() - path.stat().st_mtime > KEPT_S:
                path.unlink(missing_ok=True)

    def _note(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def key_of(compared: Compared, *, language: str, area_path: str) -> str:
    """A report's key: another whenever a plan, the model, hours, postings, the language or the reader's part is another."""
    plans = [[each["id"], each["version"], str(each["changed_at"])] for each in (compared.before, compared.after)]
    said = orjson.dumps([plans, compared.model.id, compared.as_of, language, area_path])
    return hashlib.sha256(said).hexdigest()[:32]


def clock(conn: Connection) -> datetime:
    """What the clocks of the city say."""
    return datetime.now(ZoneInfo(city.get(conn).timezone))


def make(engine: Engine, reports: Reports, *, before: int, after: int, language: str, area_path: str, key: str) -> None:
    """Make a report, saying how far it is; what goes wrong is said too, to whoever waits for it."""
    reports.tidy()
    half = reports.file(key).with_suffix(".part")
    try:
        with engine.connect() as conn:
            compared = Comparisons().get(conn, before, after, reach=Reach(area_path))
            write_report(
                half, conn, compared, language=language, made_at=clock(conn),
                tell=lambda done, total: reports.tell(key, done=done, total=total),
            )  # fmt: skip
        half.rename(reports.file(key))
        reports.forget(key)
    except WanggeError as error:
        reports.tell(key, done=0, total=0, problem=error.detail)
    except Exception:
        log.exception("the comparison of plans %d and %d could not be printed", before, after)
        reports.tell(key, done=0, total=0, problem="Something went wrong on our side; it is in the worker's log.")
        raise
