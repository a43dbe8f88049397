"""A grid's hours in sentences that a planner can read aloud, in both languages."""

from typing import Any

from gis.plan_records import Weights
from gis.rules.hours import Account, Line

PARTS = {
    "inspections": ("巡查", "Inspections"),
    "incidents": ("事件处置", "Incidents"),
    "people": ("服务居民", "Residents and households"),
    "walking": ("场所之间步行", "Walking between visits"),
    "spread": ("往返各处", "Walking out to the cells"),
    "fixed": ("固定职责", "Fixed duties"),
}


def _amount(value: float) -> str:
    """A number without digits that nobody asked for: 12, 0.5, 1,234.6."""
    shown = f"{value:,.2f}" if abs(value) < 10 else f"{value:,.1f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _both(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def place(line: Line) -> dict[str, str]:
    """Such as: 177 rented houses, each every 30 days, 15 minutes each: 44.9 hours."""
    n, days, minutes, hours = (_amount(v) for v in (line.n, 30.4375 / line.times, line.minutes, line.hours))
    return _both(
        f"{line.name.zh} {n} 处，每 {days} 天巡查一次，每次 {minutes} 分钟：每月 {hours} 小时",
        f"{line.name.en}: {n}, each inspected every {days} days, {minutes} minutes each time: {hours} hours a month",
    )


def matter(line: Line) -> dict[str, str]:
    """Such as: Blocked exit: 6 in the period, 0.5 a month, 40 minutes each."""
    n, monthly, minutes, hours = (_amount(v) for v in (line.n, line.n * line.times, line.minutes, line.hours))
    return _both(
        f"{line.name.zh}：统计期内 {n} 件，每月 {monthly} 件，每件 {minutes} 分钟：每月 {hours} 小时",
        f"{line.name.en}: {n} in the period, {monthly} a month, {minutes} minutes each: {hours} hours a month",
    )


def people(line: Line) -> dict[str, str]:
    """Such as: 5,800 residents, 0.6 minutes a month each."""
    n, minutes, hours = (_amount(v) for v in (line.n, line.minutes, line.hours))
    unit = "人" if line.code == "residents" else "户"
    return _both(
        f"{line.name.zh} {n} {unit}，每{unit}每月 {minutes} 分钟：每月 {hours} 小时",
        f"{line.name.en}: {n}, {minutes} minutes a month each: {hours} hours a month",
    )


def walking(account: Account, weights: Weights) -> dict[str, str]:
    """How the walking between visits comes about."""
    visits, km2, km, speed, rounds, hours = (
        _amount(v)
        for v in (account.visits, account.area_m2 / 1e6, account.walked_m / 1000, weights.walking_kmh, weights.rounds,
                  account.parts["walking"])
    )  # fmt: skip
    return _both(
        f"每月走访 {visits} 次，分 {rounds} 轮，面积 {km2} 平方公里；"
        f"按最短巡回路线估算步行 {km} 公里，时速 {speed} 公里：每月 {hours} 小时",
        f"{visits} visits a month in {rounds} rounds over {km2} km²; the shortest rounds are about {km} km on foot, "
        f"at {speed} km/h: {hours} hours a month",
    )


def spread(account: Account, weights: Weights) -> dict[str, str]:
    """How the walking out to the cells comes about."""
    radius, rounds, speed, hours = (
        _amount(v) for v in (account.radius_m, weights.rounds, weights.walking_kmh, account.parts["spread"])
    )
    return _both(
        f"各单元距网格中心平均 {radius} 米，每月往返 {rounds} 次，时速 {speed} 公里：每月 {hours} 小时",
        f"The ground lies {radius} m from its middle (radius of gyration); out and back {rounds} times a month "
        f"at {speed} km/h: {hours} hours a month",
    )


def fixed(weights: Weights) -> dict[str, str]:
    """What every grid has."""
    hours = _amount(weights.fixed_h)
    return _both(f"每个网格固定职责：每月 {hours} 小时", f"Duties that every grid has: {hours} hours a month")


def sentences(account: Account, weights: Weights) -> dict[str, dict[str, str]]:
    """One sentence for each part that is a formula, and one for the whole."""
    parts = {part: _amount(hours) for part, hours in account.parts.items()}
    total, posts = _amount(account.hours), _amount(account.hours / weights.post_h)
    listed_zh = "、".join(f"{PARTS[part][0]} {hours}" for part, hours in parts.items())
    listed_en = ", ".join(f"{PARTS[part][1].lower()} {hours}" for part, hours in parts.items())
    return {
        "whole": _both(
            f"本网格每月标准工时 {total} 小时，相当于 {posts} 个岗位：{listed_zh}",
            f"{total} standard working hours a month, the work of {posts} posts: {listed_en}",
        ),
        "walking": walking(account, weights),
        "spread": spread(account, weights),
        "fixed": fixed(weights),
    }


def named_parts(parts: dict[str, float]) -> list[dict[str, Any]]:
    """The parts with their names, in the order of the account."""
    return [{"part": part, "name": _both(*PARTS[part]), "hours": hours} for part, hours in parts.items()]
