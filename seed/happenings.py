"""A year of incidents that looks like a city: a few bad addresses, quiet Sundays, busy mornings, its own matters everywhere."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gis.records import IncidentColumns, MatterRow
from seed.addresses import draw_points
from seed.shares import Floats, Ints

DAYS = 365
ADDRESSES_PER_CELL = 4
PLACE_TAIL = 1.2  # sigma of the log-normal spread of trouble between cells
ADDRESS_TAIL = 1.3  # exponent of Zipf's law between the addresses of a cell
JITTER_DEG = 1.2e-4  # about 12 m: the report is made from the pavement
BY_WEEKDAY = np.array([1.12, 1.08, 1.05, 1.04, 1.08, 0.86, 0.77])
BY_HOUR = np.array([8, 5, 4, 3, 3, 5, 12, 28, 62, 92, 98, 84, 52, 56, 78, 88, 86, 72, 52, 48, 44, 36, 24, 14], dtype=np.float64)
BY_MONTH = np.array([0.9, 0.75, 1.0, 1.05, 1.1, 1.2, 1.15, 1.1, 1.05, 0.95, 0.95, 0.9])  # floods in summer, New Year quiet
CHANNELS = np.array(["patrol", "citizen", "hotline", "department"], dtype=object)
CHANNEL_SHARES = (0.62, 0.16, 0.14, 0.08)
REJECTED_FRACTION = 0.02
SUSPENDED_FRACTION = 0.004
WORKING_HOURS_TO_HOURS = 24 / 8
OPEN_STATES = np.array(["collected", "accepted", "dispatched", "handling", "feedback", "verified"], dtype=object)

# How much likelier a category is in a unit type (columns: seed.residents.UNIT_TYPES); 1 where nothing is listed.
LEANING = {
    "出租屋消防": (0.3, 3.5, 0.6, 1.2, 0.6, 1.5, 0.9),
    "电动自行车": (1.2, 2.2, 0.6, 1.4, 0.5, 2.0, 1.4),
    "场所消防": (0.4, 1.0, 3.0, 1.2, 0.6, 0.7, 0.5),
    "安全生产": (0.1, 0.5, 0.6, 5.0, 0.6, 0.2, 0.2),
    "流动人口与出租屋": (0.6, 3.0, 0.5, 1.5, 0.5, 1.3, 1.0),
    "劳动关系": (0.2, 0.8, 1.2, 4.5, 0.3, 0.3, 0.3),
    "市容秩序": (0.8, 1.3, 3.2, 0.9, 0.4, 1.2, 0.8),
    "违法建设": (0.5, 1.2, 0.7, 0.8, 2.6, 0.8, 1.2),
    "房屋安全": (0.4, 1.0, 0.7, 0.6, 1.8, 3.0, 0.6),
    "食药与公共卫生": (0.6, 1.3, 3.0, 0.9, 0.6, 0.9, 0.7),
}
COMMON = {
    "暴露垃圾": 4.0,
    "占道经营": 3.5,
    "楼道内停放充电": 3.0,
    "缺少灭火器材": 2.6,
    "疏散通道堵塞": 2.4,
    "人员信息变更": 3.0,
    "电线私拉乱接": 2.0,
}


def happen(
    *,
    count: int,
    now: datetime,
    timezone: str,
    cell_shape: NDArray[np.object_],
    cell_population: Ints,
    cell_type: Ints,
    matters: Sequence[MatterRow],
    rng: np.random.Generator,
) -> IncidentColumns:
    """`count` incidents of the 365 days before the last midnight before `now`, oldest first."""
    zone = ZoneInfo(timezone)
    reported = _moments(count, now, zone, rng)
    cells = rng.choice(len(cell_shape), size=count, p=_trouble(cell_population, rng))
    which = _matters(cell_type[cells], matters, rng)
    lon, lat = _places(cells, cell_shape, rng)
    state, closed = _outcomes(reported, which, matters, now, rng)
    codes = np.array([matter.code for matter in matters], dtype=object)
    return IncidentColumns(
        reported_at=reported,
        closed_at=closed,
        lon=lon,
        lat=lat,
        matter=codes[which],
        state=state,
        channel=rng.choice(CHANNELS, size=count, p=CHANNEL_SHARES),
        synthetic=True,
    )


def _moments(count: int, now: datetime, zone: ZoneInfo, rng: np.random.Generator) -> NDArray[np.datetime64]:
    """Moments in UTC, by the rhythm of the city's own clock."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight - timedelta(days=DAYS - day) for day in range(DAYS)]
    weight = np.array([BY_WEEKDAY[day.weekday()] * BY_MONTH[day.month - 1] for day in days]) * rng.lognormal(0, 0.12, DAYS)
    day = rng.choice(DAYS, size=count, p=weight / weight.sum())
    hour = rng.choice(24, size=count, p=BY_HOUR / BY_HOUR.sum())
    second = rng.integers(0, 3600, size=count)
    offset = int((midnight.utcoffset() or timedelta(0)).total_seconds())
    start = np.datetime64(days[0].replace(tzinfo=None), "s")
    moments = start + (day * 86_400 + hour * 3600 + second - offset).astype("timedelta64[s]")
    return np.asarray(np.sort(moments))


def _trouble(cell_population: Ints, rng: np.random.Generator) -> Floats:
    """How much of the city's trouble each cell has: with its residents, and with a tail of its own."""
    weight = (cell_population + 40.0) ** 0.75 * rng.lognormal(0, PLACE_TAIL, len(cell_population))
    return np.asarray(weight / weight.sum())


def _matters(unit_type: Ints, matters: Sequence[MatterRow], rng: np.random.Generator) -> Ints:
    types = 7
    weight = np.array([[LEANING.get(matter.category.zh, (1.0,) * types)[t] for matter in matters] for t in range(types)])
    weight *= np.array([COMMON.get(matter.name.zh, 1.0) for matter in matters])
    limits = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    draw = rng.random(len(unit_type))
    picked = np.empty(len(unit_type), dtype=np.int64)
    for t in range(types):
        mine = unit_type == t
        picked[mine] = np.searchsorted(limits[t], draw[mine])
    return np.minimum(picked, len(matters) - 1)


def _places(cells: Ints, cell_shape: NDArray[np.object_], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Near one of a few addresses of the cell, the first of them far likelier than the last."""
    used, position = np.unique(cells, return_inverse=True)
    lon, lat = draw_points(cell_shape, np.repeat(used, ADDRESSES_PER_CELL), rng)
    rank = np.minimum(rng.zipf(ADDRESS_TAIL, len(cells)) - 1, ADDRESSES_PER_CELL - 1)
    at = position * ADDRESSES_PER_CELL + rank
    jitter = rng.normal(0, JITTER_DEG, (2, len(cells)))
    return np.round(lon[at] + jitter[0], 7), np.round(lat[at] + jitter[1], 7)


def _outcomes(
    reported: NDArray[np.datetime64], which: Ints, matters: Sequence[MatterRow], now: datetime, rng: np.random.Generator
) -> tuple[NDArray[np.object_], NDArray[np.datetime64]]:
    """State and moment of closing: most within the limit, some late, a few rejected or suspended."""
    limit_h = np.array([matter.time_limit_h for matter in matters])[which] * WORKING_HOURS_TO_HOURS
    took = (limit_h * rng.lognormal(-0.75, 0.6, len(which)) * 3600).astype("timedelta64[s]")
    closed = reported + took
    end = np.datetime64(now.astimezone(ZoneInfo("UTC")).replace(tzinfo=None), "s")
    done = closed < end
    progress = np.clip((end - reported) / took, 0, 0.999)
    state = np.where(done, "closed", OPEN_STATES[(progress * len(OPEN_STATES)).astype(np.int64)]).astype(object)
    fate = rng.random(len(which))
    state[fate < REJECTED_FRACTION] = "rejected"
    state[(fate >= REJECTED_FRACTION) & (fate < REJECTED_FRACTION + SUSPENDED_FRACTION)] = "suspended"
    ends = (state == "closed") | (state == "rejected")
    return state, np.where(ends, np.minimum(closed, end), np.datetime64("NaT"))
