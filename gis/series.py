"""Series through the years that stay comparable although grids change."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection

from gis.errors import BadQuery, NoCity, NoPlanInForce, NotFound
from gis.records import Floats, Ints, Name, PlanInForce
from gis.rules.atlas import Atlas
from gis.rules.carrying import carry
from gis.store import city as cities
from gis.store import plans
from gis.store import series as store

UNITS = {
    "incidents": Name("件", "incidents"), "residents": Name("人", "residents"), "hours": Name("小时/月", "hours a month"),
}  # fmt: skip
MOST_STEPS = 240
REPLACED, LINEAGE_SHARES, AS_IT_WAS = "replaced", "lineage_shares", "as_it_was"


@dataclass(frozen=True)
class Series:
    """One measure of every unit step by step; `method` says how past years were put on the grids shown.

    `steps` are first days; `values` has a row per unit and a column per step, `outside` what lies in no unit.
    """

    measure: str
    by: str
    unit: Name
    method: str
    plan_id: int
    steps: tuple[date, ...]
    codes: tuple[str, ...]
    values: Floats = field(repr=False)
    outside: Floats = field(repr=False)


@dataclass(frozen=True)
class Wish:
    """What is asked: a measure by grid or community, from a day to a day (not included), month by month or year by year."""

    measure: str
    by: str
    since: date
    until: date
    step: str
    area: str | None = None
    then: bool = False


def series(conn: Connection, wish: Wish, *, atlas: Atlas) -> Series:
    """A measure on the grids of a plan for past years, or, if asked so, on the grids of each time.

    Incidents are points: they are placed anew in the grids of the plan. Residents and hours are sums of the grids of their time:
    they are carried by lineage, share by share. Raises BadQuery, NotFound.
    """
    steps = steps_of(wish.since, wish.until, step=wish.step)
    communities = _communities(conn, wish.area)
    if wish.measure == "incidents":
        return _incidents(conn, wish, steps, communities, atlas=atlas)
    return _sums(conn, wish, steps, communities, plan=atlas.plan)


def steps_of(since: date, until: date, *, step: str) -> tuple[date, ...]:
    """The first day of every month or year that a period touches. Raises BadQuery."""
    if until <= since:
        raise BadQuery("to: the period ends before it begins.", field="to")
    months = range(since.year * 12 + since.month - 1, until.year * 12 + until.month, 12 if step == "year" else 1)
    days = [date(since.year + i, 1, 1) for i in range(until.year - since.year + 1)] if step == "year" else [
        date(month // 12, month % 12 + 1, 1) for month in months
    ]  # fmt: skip
    days = [day for day in days if day < until]
    if len(days) > MOST_STEPS:
        raise BadQuery(f"step: {len(days)} steps are too many; {MOST_STEPS} are allowed.", field="step")
    return tuple(days)


def _communities(conn: Connection, area: str | None) -> list[int] | None:
    if area is None:
        return None
    found = store.communities_of(conn, area)
    if not found:
        raise NotFound(f"There is no area with the code {area}.")
    return found


def _moments(conn: Connection, days: Sequence[date]) -> list[datetime]:
    city = cities.get(conn)
    if city is None:
        raise NoCity("The database holds no city yet.")
    return [datetime.combine(day, time(), tzinfo=ZoneInfo(city.timezone)) for day in days]


def _incidents(
    conn: Connection, wish: Wish, steps: tuple[date, ...], communities: list[int] | None, *, atlas: Atlas
) -> Series:
    *begin, end = _moments(conn, [*steps, wish.until])
    lon, lat, at, held = store.incidents(conn, since=begin[0], until=end, communities=communities)
    step = np.searchsorted([moment.timestamp() for moment in begin], at, side="right") - 1
    if wish.then:
        return _as_recorded(conn, wish, steps, step, held)
    placed = atlas.place(lon, lat).astype(np.int64)
    values, outside = _counted(np.maximum(placed, -1), step, units=len(atlas.grids), steps=len(steps))
    codes = [grid.code for grid in atlas.grids]
    homes = [grid.areas[0].code for grid in atlas.grids]
    inside = [communities is None or grid.community_id in set(communities) for grid in atlas.grids]
    return _series(wish, REPLACED, atlas.plan.id, steps, codes, homes, values, outside, np.array(inside, np.bool_))


def _as_recorded(conn: Connection, wish: Wish, steps: tuple[date, ...], step: Ints, held: Ints) -> Series:
    names = {
        grid: (code, home)
        for plan in plans.published(conn)
        for grid, (code, _, home) in store.communities_and_codes(conn, plan.id).items()
    }
    ids = np.unique(held[held > 0])
    unit = np.where(held > 0, np.searchsorted(ids, held), -1)
    values, outside = _counted(unit, step, units=len(ids), steps=len(steps))
    codes, homes = [names[grid][0] for grid in ids.tolist()], [names[grid][1] for grid in ids.tolist()]
    everything = np.ones(len(ids), np.bool_)
    return _series(wish, AS_IT_WAS, plans.published(conn)[0].id, steps, codes, homes, values, outside, everything)


def _counted(unit: Ints, step: Ints, *, units: int, steps: int) -> tuple[Floats, Floats]:
    inside = unit >= 0
    counts = np.bincount(unit[inside] * steps + step[inside], minlength=units * steps).reshape(units, steps)
    return counts.astype(np.float64), np.bincount(step[~inside], minlength=steps).astype(np.float64)


def _sums(
    conn: Connection, wish: Wish, steps: tuple[date, ...], communities: list[int] | None, *, plan: PlanInForce
) -> Series:
    line = sorted((each for each in plans.published(conn) if each.since <= plan.since), key=lambda each: each.since)
    if not line:
        raise NoPlanInForce("No plan was in force yet.")
    of_step = [store.in_force(line, moment) for moment in _moments(conn, steps)]
    amounts = {each.id: _amount(conn, each, wish, line) for each in of_step if each}
    rows: dict[str, tuple[str, int, dict[int, float]]] = {}
    for i, each in enumerate(of_step):
        assert each is not None
        shown = each if wish.then else plan
        names = store.communities_and_codes(conn, shown.id)
        for grid, value in zip(*amounts[each.id], strict=True):
            code, home_id, home = names[int(grid)]
            if communities is None or home_id in communities:
                rows.setdefault(code, (home, home_id, {}))[2][i] = float(value)
    codes = sorted(rows)
    values = np.array([[rows[code][2].get(i, 0.0) for i in range(len(steps))] for code in codes]).reshape(len(codes), len(steps))
    method = AS_IT_WAS if wish.then else LINEAGE_SHARES
    everything = np.ones(len(codes), np.bool_)
    outside = np.zeros(len(steps))
    return _series(wish, method, plan.id, steps, codes, [rows[code][0] for code in codes], values, outside, everything)


def _amount(conn: Connection, plan: PlanInForce, wish: Wish, line: Sequence[PlanInForce]) -> tuple[Ints, Floats]:
    grids, amount = (store.residents if wish.measure == "residents" else store.hours)(conn, plan.id)
    if wish.then:
        return grids, amount
    later = [each for each in line if each.since > plan.since]
    through = [store.succession(conn, each.id, measure=wish.measure) for each in later]
    amount, grids = carry(amount, grids, through=through)
    return grids, amount


def _series(
    wish: Wish, method: str, plan_id: int, steps: tuple[date, ...], codes: Sequence[str], homes: Sequence[str], values: Floats,
    outside: Floats, shown: np.ndarray,
) -> Series:  # fmt: skip
    order = np.flatnonzero(shown)
    names, values = np.array(codes, dtype=object)[order], values[order]
    outside = outside + 0.0
    if wish.by == "community":
        names, group = np.unique(np.array(homes, dtype=object)[order].astype(str), return_inverse=True)
        summed = np.zeros((len(names), len(steps)))
        np.add.at(summed, group, values)
        values = summed
    return Series(
        wish.measure, wish.by, UNITS[wish.measure], method, plan_id, steps, tuple(str(name) for name in names), values, outside
    )
