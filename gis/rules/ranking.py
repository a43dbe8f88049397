"""Whom to send to a case: every officer on shift gets minutes, and the reasons for them; the fewest minutes is the best choice.

Travel is the straight distance with a detour, by scooter or on foot, whichever is sooner: no street network is asked. All else
is turned into minutes that somebody would rather let a closer colleague drive: a case in hand, another duty, a strange area.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from gis.field_records import CasePlace, FieldOfficer, Ranked, Reason
from gis.records import Name
from gis.rules.case_steps import COLLECTED
from gis.rules.distances import metres_between
from gis.rules.words import DUTIES

DETOUR: Final = 1.35  # streets against the straight line, in towns
SCOOTER_KMH: Final = 18.0
SCOOTER_START_MIN: Final = 2.0  # to the scooter, and to park it
FOOT_KMH: Final = 4.5
CASE_IN_HAND_MIN: Final = 12.0
URGENT_IN_HAND_MIN: Final = 15.0  # on top: an urgent case is not left for another
SECOND_DUTY_MIN, THIRD_DUTY_MIN = 15.0, 40.0
POSTED_MIN: Final = {"grid": 0.0, "community": 3.0, "town": 10.0, "elsewhere": 30.0}
POSITION_IS_GOOD_FOR: Final = timedelta(minutes=30)
OLD_POSITION_MIN: Final = 8.0
UNURGENT: Final = 3
UNURGENT_LOAD_WEIGHT: Final = 1.5  # what can wait goes to whoever has least in hand

PATROL, DISPOSAL, ENFORCEMENT = "patrol", "disposal", "enforcement"
SENT: Final = (PATROL, DISPOSAL, ENFORCEMENT)  # dispatchers stay where they are
# Duties for a matter by its category, best first: what is unlawful is for enforcement, people are for patrol, else disposal.
DUTIES_FOR: Final = {
    "违法建设": (ENFORCEMENT, DISPOSAL, PATROL),
    "社会治安": (ENFORCEMENT, PATROL, DISPOSAL),
    "市场经营": (ENFORCEMENT, DISPOSAL, PATROL),
    "环境保护": (ENFORCEMENT, DISPOSAL, PATROL),
    "劳动关系": (ENFORCEMENT, DISPOSAL, PATROL),
    "食药与公共卫生": (ENFORCEMENT, DISPOSAL, PATROL),
    "流动人口与出租屋": (PATROL, DISPOSAL, ENFORCEMENT),
    "特殊人群服务": (PATROL, DISPOSAL, ENFORCEMENT),
    "矛盾纠纷": (PATROL, DISPOSAL, ENFORCEMENT),
}
OTHERWISE: Final = (DISPOSAL, PATROL, ENFORCEMENT)


def duties_for(case: CasePlace) -> tuple[str, ...]:
    """The duties that may be sent, best first. What is only collected is looked at first, by patrol."""
    wanted = DUTIES_FOR.get(case.category, OTHERWISE)
    return (PATROL, *(duty for duty in wanted if duty != PATROL)) if case.state == COLLECTED else wanted


def travel_min(metres: float) -> tuple[float, bool]:
    """Minutes for a straight distance, and whether they are those on foot."""
    way_km = metres * DETOUR / 1000
    on_foot, by_scooter = way_km / FOOT_KMH * 60, SCOOTER_START_MIN + way_km / SCOOTER_KMH * 60
    return min(on_foot, by_scooter), on_foot <= by_scooter


def posted(officer: FieldOfficer, case: CasePlace) -> str:
    """How near to the case an officer is posted: on its grid, in its community, in its town, or elsewhere."""
    if officer.grid is not None and officer.grid == case.grid:
        return "grid"
    if officer.path == case.path:
        return "community"
    town = case.path.rpartition(".")[0]
    return "town" if town and f"{officer.path}.".startswith(f"{town}.") and "." in town else "elsewhere"


def rank(officers: Sequence[FieldOfficer], case: CasePlace, *, now: datetime) -> list[Ranked]:
    """Officers who may be sent to a case, the best first; of equals the one with the lower number."""
    ranked = [judge(officer, case, now=now) for officer in officers if officer.duty in SENT]
    return sorted(ranked, key=lambda choice: (choice.score, choice.officer.number))


def judge(officer: FieldOfficer, case: CasePlace, *, now: datetime) -> Ranked:
    """What speaks for and against sending somebody, in minutes."""
    metres = metres_between(officer.lon, officer.lat, case.lon, case.lat)
    minutes, on_foot = travel_min(metres)
    near = posted(officer, case)
    place = duties_for(case).index(officer.duty)
    reasons = [
        _travel(metres, minutes, on_foot),
        _duty(officer.duty, place),
        *_load(officer, case),
        _posting(near),
        *_position(officer, now),
    ]
    score = round(sum(reason.value for reason in reasons), 2)
    return Ranked(officer, round(metres, 1), round(minutes, 1), on_foot, near, place == 0, score, tuple(reasons))


def _travel(metres: float, minutes: float, on_foot: bool) -> Reason:
    zh, en = ("步行", "on foot") if on_foot else ("骑行", "by scooter")
    km = f"{metres * DETOUR / 1000:.1f}"
    said = Name(
        f"约{km}公里，{zh}{minutes:.0f}分钟（直线距离×{DETOUR}估算）",
        f"about {km} km, {minutes:.0f} min {en} (straight line × {DETOUR})",
    )
    return Reason("travel", said, round(minutes, 2))


def _duty(duty: str, place: int) -> Reason:
    zh, en = DUTIES[duty]
    fits = (("最适合", "the right duty"), ("可以代办", "can stand in"), ("不太适合", "rather another duty"))[place]
    return Reason("duty", Name(f"{zh}：{fits[0]}", f"{en}: {fits[1]}"), (0.0, SECOND_DUTY_MIN, THIRD_DUTY_MIN)[place])


def _load(officer: FieldOfficer, case: CasePlace) -> list[Reason]:
    weight = UNURGENT_LOAD_WEIGHT if case.urgency == UNURGENT else 1.0
    had = Name(f"手头{officer.load}件", f"{officer.load} in hand") if officer.load else Name("手头无案件", "nothing in hand")
    reasons = [Reason("load", had, round(officer.load * CASE_IN_HAND_MIN * weight, 2))]
    if officer.urgent_load:
        said = Name(f"其中紧急{officer.urgent_load}件", f"{officer.urgent_load} of them urgent")
        reasons.append(Reason("urgent_load", said, officer.urgent_load * URGENT_IN_HAND_MIN))
    return reasons


def _posting(near: str) -> Reason:
    said = {
        "grid": Name("本网格", "own grid"),
        "community": Name("本村（社区）", "own community"),
        "town": Name("本镇街", "own town"),
        "elsewhere": Name("其他镇街", "another town"),
    }[near]
    return Reason("posted", said, POSTED_MIN[near])


def _position(officer: FieldOfficer, now: datetime) -> list[Reason]:
    if officer.at is None:
        return [
            Reason("position", Name("未共享位置，按岗位所在地估算", "shares no position: taken at the posting"), OLD_POSITION_MIN)
        ]
    age = now - officer.at
    if age <= POSITION_IS_GOOD_FOR:
        return []
    old_min = int(age.total_seconds() // 60)
    zh, en = (f"{old_min}分钟", f"{old_min} min") if old_min < 120 else (f"{old_min // 60}小时", f"{old_min // 60} h")
    return [Reason("position", Name(f"{zh}前的位置", f"position of {en} ago"), OLD_POSITION_MIN)]
