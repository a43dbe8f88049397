"""A made-up working day, played through the services: people report, dispatchers send, officers walk and report back.

For training, for pictures, and to see whether a page that follows the city lasts a day. Only in a synthetic city.
"""

import heapq
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, Engine

from gis import areas, calendars, cases, catalogue, city, incidents
from gis import field as in_the_field
from gis.case_records import Asked
from gis.errors import NobodyFree, NotFound, OfficerTaken, StaleCase, StepRefused
from gis.field_records import FieldOfficer, Fix
from gis.locating import Locator
from gis.records import Account, Report
from gis.rules.working_time import WORKING_HOURS, Hours

BY: Final = "rehearsal"
CHANNELS: Final = ("citizen", "hotline", "patrol", "department")
CHANNEL_SHARES: Final = (0.5, 0.25, 0.15, 0.1)
NEAR_AN_OFFICER_DEG: Final = 0.002  # about 200 m: where people are, there is something to report
WALK_DEG: Final = 0.00015  # about 15 m between two places on the way
WALK_EVERY_MIN: Final = 0.25
WALKERS_AT_ONCE: Final = 25
# The usual way of a case: the step, whose it is, and how many minutes after the one before on the average.
WAY: Final = (
    ("accept", "dispatcher", 2.0), ("dispatch", "dispatcher", 1.5), ("start", "officer", 4.0),
    ("report_back", "officer", 20.0), ("verify", "dispatcher", 5.0), ("close", "dispatcher", 2.0),
)  # fmt: skip
REJECTED_FRACTION, REFUSED_FRACTION, COMMENTED_FRACTION = 0.05, 0.06, 0.1
NOTES: Final = {
    "report_back": "现场已处理。Dealt with on the spot.",
    "reject": "不属于本系统事项。Not a matter of ours.",
    "refuse": "不在我的职责范围。Not one of my duties.",
    "comment": "已电话联系报案人。The reporter was called.",
}
ACTED_BY_SOMEBODY_ELSE: Final = (NotFound, StaleCase, StepRefused, OfficerTaken, NobodyFree)


class NotMadeUp(Exception):
    """There is no rehearsal where real people work, or where nobody plays an officer."""


@dataclass
class Played:
    """What was played so far."""

    reports: int = 0
    steps: int = 0
    moves: int = 0
    left_to_others: int = 0


@dataclass(order=True)
class _Due:
    at_min: float
    number: int
    act: Callable[[float], None] = field(compare=False)


class Rehearsal:
    """A day that is played. Times are minutes of the day played, `speed` how many of them pass in one of ours."""

    def __init__(
        self, engine: Engine, locator: Locator, *, reports_per_hour: float, speed: float, seed: int, hours: Hours = WORKING_HOURS,
        clock: Callable[[], float] = time.monotonic, pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Raises NotMadeUp in a city that is not synthetic, and where nobody is on shift."""
        self._engine, self._locator, self._hours = engine, locator, hours
        self._every_min, self._speed = 60 / reports_per_hour, speed
        self._clock, self._pause = clock, pause
        self._chance = np.random.default_rng(seed)
        self._due: list[_Due] = []
        self._numbers = count()
        self.played = Played()
        with engine.connect() as conn:
            held = city.get(conn)
            if not held.synthetic:
                raise NotMadeUp("This city is no synthetic one: nothing is made up in it.")
            root = areas.tree(conn)[0].code
            self._timezone = held.timezone
            self._dispatcher = Account(0, BY, "Rehearsal", "dispatcher", root, root)
            self._officers = {each.number: each for each in in_the_field.on_shift(conn, reach=self._dispatcher.reach)}
            today = datetime.now(ZoneInfo(held.timezone)).date()
            self._matters = list(catalogue.matters(conn, on=today))
        if not self._officers:
            raise NotMadeUp("Nobody is on shift: let officers begin their shifts first.")

    def play(self, minutes: float, *, tell: Callable[[float], None]) -> Played:
        """Play so many minutes of the day; `tell` hears how far it is."""
        begun = self._clock()
        self._plan(self._wait(self._every_min), self._report)
        self._plan(0, self._walk)
        while self._due[0].at_min <= minutes:
            due = heapq.heappop(self._due)
            early_s = due.at_min * 60 / self._speed - (self._clock() - begun)
            if early_s > 0:
                self._pause(early_s)
            due.act(due.at_min)
            tell(due.at_min)
        return self.played

    def _plan(self, at_min: float, act: Callable[[float], None]) -> None:
        heapq.heappush(self._due, _Due(at_min, next(self._numbers), act))

    def _wait(self, mean_min: float) -> float:
        return float(self._chance.exponential(mean_min))

    @contextmanager
    def _writing(self) -> Iterator[tuple[Connection, dict[str, Any]]]:
        with self._engine.begin() as conn:
            calendar = calendars.work_calendar(conn, self._timezone, hours=self._hours)
            yield conn, {"calendar": calendar, "now": datetime.now(UTC)}

    def _report(self, at_min: float) -> None:
        """Somebody reports; the case then goes its way, and the next report comes."""
        self._plan(at_min + self._wait(self._every_min), self._report)
        near = self._one_of(list(self._officers.values()))
        lon, lat = np.array([near.lon, near.lat]) + self._chance.normal(0, NEAR_AN_OFFICER_DEG / 2, 2)
        matter = self._one_of(self._matters)
        channel = str(self._chance.choice(CHANNELS, p=CHANNEL_SHARES))
        report = Report(matter["code"], round(float(lon), 6), round(float(lat), 6), channel, description=matter["name_zh"])
        with self._writing() as (conn, given):
            atlas = self._locator.atlas_if_any(conn, given["now"])
            number = incidents.report(conn, report, atlas=atlas, timezone=self._timezone, by=BY, **given)
        self.played.reports += 1
        self._next(number, 0, 1, None, at_min)

    def _next(self, number: str, place: int, version: int, officer: FieldOfficer | None, at_min: float) -> None:
        """Plan the next step of a case on its way."""
        if place < len(WAY):
            at = at_min + self._wait(WAY[place][2])
            self._plan(at, lambda when: self._step(number, place, version, officer, when))

    def _step(self, number: str, place: int, version: int, officer: FieldOfficer | None, at_min: float) -> None:
        action, whose, _ = WAY[place]
        action = self._turned(action)
        asked = Asked(action, version, note=NOTES.get(action), officer="nearest" if action == "dispatch" else None)
        account = self._dispatcher if whose == "dispatcher" or officer is None else _played_by(officer)
        try:
            with self._writing() as (conn, given):
                cases.take_step(
                    conn, number, asked, account=account, atlas_at=lambda at: self._locator.atlas_if_any(conn, at), **given
                )
                after = cases.after_step(conn, number, account=self._dispatcher, **given)
        except ACTED_BY_SOMEBODY_ELSE:  # a real player took it, or nobody was free: it is left to them
            self.played.left_to_others += 1
            return
        self.played.steps += 1
        following = {"refuse": 1, "reject": len(WAY), "comment": place}.get(action, place + 1)
        self._next(number, following, after["version"], self._officers.get(after["officer"] or ""), at_min)

    def _turned(self, action: str) -> str:
        """Now and then it goes another way."""
        chance = float(self._chance.random())
        if action == "accept" and chance < REJECTED_FRACTION:
            return "reject"
        if action == "start" and chance < REFUSED_FRACTION:
            return "refuse"
        return "comment" if action == "verify" and chance < COMMENTED_FRACTION else action

    def _walk(self, at_min: float) -> None:
        """Some officers go on a little."""
        self._plan(at_min + max(WALK_EVERY_MIN, self._speed / 60), self._walk)  # nobody is shown more than once a second
        walked: list[tuple[FieldOfficer, Fix]] = []
        numbers = list(self._officers)
        for number in self._chance.choice(numbers, min(len(numbers), WALKERS_AT_ONCE), replace=False):
            officer = self._officers[str(number)]
            lon, lat = np.array([officer.lon, officer.lat]) + self._chance.normal(0, WALK_DEG, 2)
            there = Fix(round(float(lon), 6), round(float(lat), 6), datetime.now(UTC), 8.0)
            walked.append((officer, there))
            self._officers[officer.number] = replace(officer, lon=there.lon, lat=there.lat, at=there.at)
        with self._engine.begin() as conn:
            for officer, there in walked:
                self.played.moves += in_the_field.note_positions(conn, _played_by(officer), [there], now=there.at)

    def _one_of(self, things: Sequence[Any]) -> Any:
        return things[int(self._chance.integers(len(things)))]


def _played_by(officer: FieldOfficer) -> Account:
    """The account that an officer would have."""
    return Account(0, BY, officer.name.zh, "officer", officer.area.code, officer.path, staff_id=officer.id)
