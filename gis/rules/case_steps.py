"""The life of a case: every step there is, from which state to which, and who may take it.

The one table of transitions: services, API, pages, tests and the documents read it. States and steps follow the process of digital
city management (GB/T 30428, CJJ/T 106): collected, accepted, dispatched, handling, feedback, verified, closed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gis.records import Name

COLLECTED, ACCEPTED, DISPATCHED, HANDLING = "collected", "accepted", "dispatched", "handling"
FEEDBACK, VERIFIED, CLOSED = "feedback", "verified", "closed"
RETURNED, SUSPENDED, REJECTED, MERGED = "returned", "suspended", "rejected", "merged"

STATES: Final = (
    COLLECTED, ACCEPTED, DISPATCHED, HANDLING, FEEDBACK, VERIFIED, CLOSED, RETURNED, SUSPENDED, REJECTED, MERGED,
)  # fmt: skip
ENDED: Final = frozenset({CLOSED, REJECTED, MERGED})
OPEN: Final = tuple(state for state in STATES if state not in ENDED)
IN_HAND: Final = (DISPATCHED, HANDLING)
TO_DISPATCH: Final = (COLLECTED, ACCEPTED, RETURNED)


class Who(StrEnum):
    """What somebody is to a case."""

    COMMAND = "command"  # a dispatcher of the area that commands it, or of one above
    ABOVE = "above"  # a dispatcher of an area above the one that commands it
    HOLDER = "holder"  # the officer who has it in hand, or the department it was handed to
    PARTY = "party"  # a department that joined in
    REPORTER = "reporter"  # whoever reported it, by the key of the report
    MACHINE = "machine"  # a rule of the clock


@dataclass(frozen=True)
class Step:
    """One kind of step. `to` is None where the state stays as it is, and "before" where it was before the suspension.

    `needs` are the fields that must come with it: note, officer or department ("whom"), photo, until, hours, lead, place,
    matter, urgency, parties, rating.
    """

    action: str
    name: Name
    sources: tuple[str, ...]
    to: str | None
    who: tuple[Who, ...]
    needs: tuple[str, ...] = ()


def _step(
    action: str, zh: str, en: str, sources: tuple[str, ...], to: str | None, who: tuple[Who, ...], *needs: str
) -> Step:
    return Step(action, Name(zh, en), sources, to, who, needs)


_COMMAND, _HOLDER = (Who.COMMAND,), (Who.HOLDER,)
STEPS: Final[tuple[Step, ...]] = (
    _step("accept", "立案", "Accept", (COLLECTED, RETURNED), ACCEPTED, _COMMAND),
    _step("reject", "不予受理", "Reject", TO_DISPATCH, REJECTED, _COMMAND, "note"),
    _step("dispatch", "派遣", "Dispatch", (*TO_DISPATCH, *IN_HAND), DISPATCHED, _COMMAND, "whom"),
    _step("start", "开始处置", "Start", (DISPATCHED,), HANDLING, _HOLDER),
    _step("refuse", "退回", "Send back", IN_HAND, RETURNED, _HOLDER, "note"),
    _step("report_back", "反馈", "Report back", IN_HAND, FEEDBACK, _HOLDER, "note"),
    _step("settle", "现场办结", "Settle on the spot", IN_HAND, CLOSED, (Who.HOLDER,), "note", "photo"),
    _step("verify", "核查通过", "Verify", (FEEDBACK,), VERIFIED, _COMMAND),
    _step("rework", "返工", "Rework", (FEEDBACK, VERIFIED), DISPATCHED, _COMMAND, "note"),
    _step("close", "结案", "Close", (VERIFIED,), CLOSED, _COMMAND),
    _step("reopen", "重新立案", "Reopen", (CLOSED, REJECTED), ACCEPTED, _COMMAND, "note"),
    _step("suspend", "挂账", "Suspend", (ACCEPTED, *IN_HAND, RETURNED), SUSPENDED, _COMMAND, "note"),
    _step("resume", "恢复", "Resume", (SUSPENDED,), "before", (Who.COMMAND, Who.MACHINE)),
    _step("extend", "延时", "Extend", (ACCEPTED, *IN_HAND, RETURNED), None, _COMMAND, "hours", "note"),
    _step("escalate", "上报", "Escalate", (*TO_DISPATCH, *IN_HAND), None, (Who.COMMAND, Who.MACHINE), "note"),
    _step("send_down", "下派", "Send down", (*TO_DISPATCH, *IN_HAND), None, _COMMAND),
    _step("supervise", "督办", "Supervise", (*TO_DISPATCH, *IN_HAND, FEEDBACK, SUSPENDED), None, (Who.ABOVE,), "note"),
    _step("merge", "并案", "Merge", (*TO_DISPATCH, *IN_HAND), MERGED, _COMMAND, "lead"),
    _step("split", "撤销并案", "Undo the merging", (MERGED,), ACCEPTED, _COMMAND, "note"),
    _step("join", "联合处置", "Ask others to join in", (ACCEPTED, *IN_HAND, RETURNED), None, _COMMAND, "parties"),
    _step("reclassify", "更改事项", "Change the matter", (*TO_DISPATCH, *IN_HAND), None, _COMMAND, "matter", "note"),
    _step("prioritise", "更改紧急程度", "Change the urgency", (*TO_DISPATCH, *IN_HAND), None, _COMMAND, "urgency"),
    _step("relocate", "更正位置", "Correct the place", (*TO_DISPATCH, *IN_HAND), None, (Who.COMMAND, Who.HOLDER), "place"),
    _step("comment", "备注", "Comment", STATES, None, (Who.COMMAND, Who.HOLDER, Who.PARTY), "note"),
    _step("evaluate", "评价", "Evaluate", (CLOSED,), None, (Who.REPORTER,), "rating"),
)
BY_ACTION: Final = {step.action: step for step in STEPS}
# What the state of a case is right after it was taken in; the first row of its timeline.
REPORTED: Final = Step("report", Name("上报事件", "Report"), (), COLLECTED, (Who.REPORTER,))
LATE: Final = Step("late", Name("超时", "Overdue"), OPEN, None, (Who.MACHINE,))
WARNED: Final = Step("warn", Name("即将超时", "Due soon"), OPEN, None, (Who.MACHINE,))

RETURNS_BEFORE_ESCALATION: Final = 2
EXTENSIONS_AT_MOST: Final = 2
SETTLED_FROM_URGENCY: Final = 2  # an urgent case (1) is never closed by whoever handled it: somebody verifies
STEPS_OF_LEAD: Final = ("close", "settle", "reject")  # what ends a case ends those that were merged into it


def steps_from(state: str, *, who: frozenset[Who]) -> list[Step]:
    """The steps that somebody who is `who` to a case may take from a state, in the order of the table."""
    return [step for step in STEPS if state in step.sources and who & set(step.who)]
