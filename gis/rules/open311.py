"""Open311 GeoReport v2 in the terms of cases: states, questions that are asked with a report, and how far back one may ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from gis.records import Name
from gis.rules.case_steps import (
    ACCEPTED,
    CLOSED,
    COLLECTED,
    DISPATCHED,
    ENDED,
    FEEDBACK,
    HANDLING,
    MERGED,
    REJECTED,
    RETURNED,
    SUSPENDED,
    VERIFIED,
)  # fmt: skip

LONGEST_SPAN: Final = timedelta(days=90)  # GeoReport v2: a question may not span more
MOST_REQUESTS: Final = 1_000
OPEN_STATUS, CLOSED_STATUS = "open", "closed"
# The states that FixMyStreet knows beside open and closed.
STATUS_OF: Final = {
    COLLECTED: "open", ACCEPTED: "investigating", DISPATCHED: "action_scheduled", HANDLING: "in_progress", FEEDBACK: "in_progress",
    VERIFIED: "in_progress", CLOSED: "closed", RETURNED: "investigating", SUSPENDED: "planned", REJECTED: "no_further_action",
    MERGED: "duplicate",
}  # fmt: skip
# The steps that everybody may hear of; who ordered what of whom stays inside.
TOLD: Final = (
    "accept", "reject", "dispatch", "start", "report_back", "settle", "verify", "rework", "close", "reopen", "suspend", "resume",
    "merge", "split",
)  # fmt: skip
URGENT: Final = 1


@dataclass(frozen=True)
class Attribute:
    """A question that is asked with a report. `variable` is False for what is only said. `values` are keys with their names."""

    code: str
    datatype: str
    description: Name
    values: tuple[tuple[str, Name], ...] = ()
    variable: bool = True


ADDRESS_DETAILS: Final = Attribute("address_details", "string", Name("楼栋、楼层或参照物", "Building, floor or landmark"))
INJURED: Final = Attribute(
    "injured", "singlevaluelist", Name("是否有人受伤", "Is anybody hurt?"),
    (("yes", Name("有", "Yes")), ("no", Name("没有", "No")), ("unknown", Name("不清楚", "Not known"))),
)  # fmt: skip
WHEN: Final = Attribute(
    "when", "multivaluelist", Name("一般在什么时候出现", "When does it usually happen?"),
    (
        ("morning", Name("早上", "Morning")), ("day", Name("白天", "Daytime")), ("evening", Name("傍晚", "Evening")),
        ("night", Name("夜间", "Night")),
    ),
)  # fmt: skip
PHOTO: Final = Attribute(
    "photo", "string", Name("可以附上一张照片（字段 media）", "A photo may come with it (field media)"), variable=False
)


def attributes_of(matter: Mapping[str, Any]) -> list[Attribute]:
    """What is asked with a report of a matter. No answer is required: a report is not lost for the want of one."""
    return [ADDRESS_DETAILS, INJURED if matter["urgency"] == URGENT else WHEN, PHOTO]


def strange_values(matter: Mapping[str, Any], answers: Mapping[str, list[str]]) -> list[str]:
    """The questions that were answered with something that is not among their values."""
    asked = {attribute.code: {key for key, _ in attribute.values} for attribute in attributes_of(matter) if attribute.values}
    return [code for code, given in answers.items() if code in asked and not set(given) <= asked[code]]


def written(description: str, matter: Mapping[str, Any], answers: Mapping[str, list[str]]) -> str:
    """The words of a report with the answers under them, in Chinese, as the station reads them."""
    known = {attribute.code: attribute for attribute in attributes_of(matter)}
    lines = [description] if description else []
    for code, given in answers.items():
        attribute = known.get(code)
        names = {key: name.zh for key, name in attribute.values} if attribute else {}
        lines.append(f"{attribute.description.zh if attribute else code}：{'、'.join(names.get(each, each) for each in given)}")
    return "\n".join(lines)


def status_of(state: str) -> str:
    """Open or closed, as GeoReport knows it."""
    return CLOSED_STATUS if state in ENDED else OPEN_STATUS


def span_of(start: datetime | None, end: datetime | None, *, now: datetime) -> tuple[datetime, datetime] | None:
    """The moments that a question is about, the last 90 days if nothing is said; None where they span more or run backwards."""
    last = end or (start + LONGEST_SPAN if start else now)
    first = start or last - LONGEST_SPAN
    return (first, last) if timedelta(0) <= last - first <= LONGEST_SPAN else None
