"""Steps of cases as they are written: the case, its step, its photos; and at the end of a transaction what the journal says."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gis.case_records import Case, Given
from gis.rules.actors import CLOCK
from gis.rules.case_life import taken
from gis.rules.case_steps import BY_ACTION, STEPS_OF_LEAD, Step
from gis.rules.escalation import command_of_joined, parent, returned_too_often
from gis.rules.working_time import WorkCalendar
from gis.store import case_journal, case_steps, photos
from gis.store import cases as store


@dataclass
class Pen:
    """Writes the steps of one transaction; `tell` says them all to the journal, last of all."""

    conn: Connection
    now: datetime
    calendar: WorkCalendar
    said: list[tuple[str, Case, Case, str]] = field(default_factory=list)

    def write(
        self, case: Case, step: Step, given: Given, *, by: str, note: str | None = None,
        place: tuple[float, float] | None = None, photo_ids: Sequence[str] = (),
    ) -> Case:
        """Take a step of a case; returns the case after it."""
        after = taken(case, step, given, now=self.now, calendar=self.calendar)
        facts = {name: value for name, value in given.facts.items() if value is not None}
        self._write(case, after, step.action, by=by, note=note, place=place, facts=facts, photo_ids=photo_ids)
        if given.parties:
            store.add_parties(self.conn, case.id, sorted(given.parties))
        return after

    def _write(
        self, case: Case, after: Case, action: str, *, by: str, note: str | None, place: tuple[float, float] | None,
        facts: dict[str, Any], photo_ids: Sequence[str] = (),
    ) -> None:
        store.save(self.conn, after)
        if photo_ids:
            facts = facts | {"photos": list(photo_ids)}
        step_id = case_steps.write(self.conn, after, action, at=self.now, by=by, note=note, place=place, facts=facts)
        if photo_ids:
            photos.attach(self.conn, photo_ids, incident_id=case.id, step_id=step_id, sent_by=by)
        self.said.append((action, case, after, by))

    def follow(self, case: Case, step: Step, *, by: str) -> None:
        """What follows from a step by a rule: up the tree after too many returns, the end of what was merged into it."""
        if step.action == "refuse" and returned_too_often(case.returns):
            self.escalate(case, to=parent(case.command.path), reason="returned_twice")
        if step.action in STEPS_OF_LEAD:
            self._end_merged(case, step, by=by)

    def gather(self, lead: Case, case: Case) -> None:
        """Give the lead of merged cases to the lowest area that has them all."""
        others = store.standing(self.conn, store.ids_merged_into(self.conn, lead.number))
        places = [other.spot.path for other in (lead, case, *others) if other.spot.path is not None]
        self.escalate(lead, to=command_of_joined(lead.command.path, places), reason="several_communities")

    def escalate(self, case: Case, *, to: str | None, reason: str) -> None:
        """Give a case to an area above, by a rule; nothing where there is none."""
        if to is None:
            return
        target = store.command_at(self.conn, to)
        facts = {"from": case.command.code, "to": target.code, "reason": reason}
        self.write(case, BY_ACTION["escalate"], Given(command=target, facts=facts), by=CLOCK)

    def _end_merged(self, lead: Case, step: Step, *, by: str) -> None:
        """Cases that were merged into one end with it."""
        for case in store.lock(self.conn, store.merged_into(self.conn, lead.number)).values():
            after = replace(case, version=case.version + 1, closed_at=max(self.now, case.reported_at))
            self._write(case, after, step.action, by=by, note=None, place=None, facts={"lead": lead.number})

    def tell(self) -> None:
        """Say every step to the journal, in their order; where a case left somebody's part, where it was before."""
        for action, before, after, by in self.said:
            was = {"path": before.spot.path or before.command.path, "department": before.matter.department}
            now = {"path": after.spot.path or after.command.path, "department": after.matter.department}
            case_journal.tell(self.conn, action, incidents=[after.id], actor=by, was=None if was == now else was)
