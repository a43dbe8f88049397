"""Growing a city from its facts: ground, residents, two plans, staff, services and a year of incidents.

Every step enters through the services of `gis`. The same facts, seed number and day give the same city.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from sqlalchemy import Connection

from gis import areas, calendars, catalogue, cells, city, facilities, incidents, networks, plans, staff, tending, workloads
from gis.locating import Locator
from gis.records import AreaRow, City, Division, IncidentColumns, Ints, Name, StaffRow
from gis.rules.actors import SEED
from seed import facts as tables
from seed import places
from seed.facts import CityFacts
from seed.field import Land, man_the_field
from seed.ground import CommunityShare, DistrictShare, Ground, TownShare, lay_districts, lay_ground
from seed.happenings import happen
from seed.people import open_demo_accounts, recruit
from seed.residents import UNIT_TYPES, Residents, settle
from seed.services import KINDS, build, offer
from seed.shares import Floats, share_out
from seed.sources import open_demo_sources
from seed.streets import lay_streets
from seed.yesteryear import split_grids, union_by_grid

Tell = Callable[[str, int, int], None]
ACTOR = SEED
TIMEZONE = "Asia/Shanghai"
PLAN_BEFORE_SINCE = datetime(2024, 1, 1, tzinfo=ZoneInfo(TIMEZONE))
PLAN_SINCE = datetime(2026, 1, 1, tzinfo=ZoneInfo(TIMEZONE))
PATROLLED_PER_KM2 = 400.0  # what a square kilometre asks for on its own, in residents
COMMUNITY_TAIL = 0.45  # sigma of the log-normal spread of communities in area, and of their density
BATCH = 100_000


@dataclass(frozen=True)
class Grown:
    """A city's ground and residents, before they are written."""

    ground: Ground
    residents: Residents
    community_density: Floats


def grow_city(conn: Connection, facts: CityFacts, *, incident_count: int, seed: int, now: datetime, tell: Tell) -> None:
    """Grow a whole city in the caller's transaction. `tell` hears (step, done, total)."""
    needs = ("land", "life", "past", "staff", "services", "incidents", "places", "field", "streets")
    rngs = dict(zip(needs, np.random.default_rng(seed).spawn(len(needs)), strict=True))
    grown = _lay(facts, rngs["land"], rngs["life"], seed=seed, tell=tell)
    city.found(conn, City(facts.code, facts.name, facts.metric_srid, synthetic=True, timezone=TIMEZONE), by=ACTOR)
    _found_areas(conn, facts, grown.ground, tell)
    codes = _publish_plans(conn, facts, grown, rngs["past"], tell)
    _admit_matters(conn)
    open_demo_sources(conn, on=now.date(), by=ACTOR)
    staff_rows = _post_staff(conn, facts, grown.ground, codes, rngs["staff"], tell)
    _open_facilities(conn, facts, grown, rngs["services"], tell)
    _lay_streets(conn, grown.ground, rngs["streets"], tell)
    _record_incidents(conn, grown, incident_count, now, rngs["incidents"], tell)
    tending.open_history(conn, now=now, by=ACTOR)
    counts = _model_workload(conn, grown, now, rngs["places"], tell)
    largest = max(facts.towns, key=lambda town: town.population or 0)
    community = largest.communities[0].code
    officer = _a_manager(staff_rows, codes, grown.ground.grid_community, facts, community)
    open_demo_accounts(conn, city=facts.code, town=largest.code, community=community, officer=officer, by=ACTOR)
    tell("Manning the field", 0, 1)
    man_the_field(conn, _land(facts, grown, codes), counts, staff_rows, home=community, now=now, rng=rngs["field"], by=ACTOR)
    tell("Manning the field", 1, 1)


def _lay(facts: CityFacts, land: np.random.Generator, life: np.random.Generator, *, seed: int, tell: Tell) -> Grown:
    """Share out ground, grids and cells, and settle the residents on them."""
    home = np.repeat(np.arange(len(facts.towns)), [len(town.communities) for town in facts.towns])
    area_share = land.lognormal(0, COMMUNITY_TAIL, len(home))
    density = land.lognormal(0, COMMUNITY_TAIL, len(home)) / area_share**0.5
    towns_km2 = np.array([town.area_km2 for town in facts.towns])
    km2 = area_share * (towns_km2 / np.bincount(home, weights=area_share))[home]
    people = np.array([town.population or 0 for town in facts.towns], dtype=np.float64)
    residents = km2 * density * (people / np.bincount(home, weights=km2 * density))[home]
    # Ground without residents is patrolled too: a port or an eco-park is no single grid.
    busy = residents + PATROLLED_PER_KM2 * km2
    grids = share_out(facts.grids, busy**0.6 * km2**0.4, at_least=1)
    cells = share_out(facts.cells - 2 * facts.grids, busy**0.35 * km2**0.65) + 2 * grids
    shares = [CommunityShare(float(a), int(g), int(c)) for a, g, c in zip(area_share, grids, cells, strict=True)]
    towns = [
        TownShare(town.area_km2, town.lon, town.lat, tuple(share for share, at in zip(shares, home, strict=True) if at == number))
        for number, town in enumerate(facts.towns)
    ]
    ground = _ground(facts, towns, seed=seed, tell=tell)
    cell_community = ground.grid_community[ground.cell_grid].astype(np.int64)
    settled = settle(
        [town.population or 0 for town in facts.towns],
        cell_town=ground.community_town[cell_community].astype(np.int64),
        cell_grid=ground.cell_grid.astype(np.int64),
        cell_m2=shapely.area(ground.cell_rings.polygons(ground.vertices_m)),
        community_density=density,
        cell_community=cell_community,
        rng=life,
    )
    return Grown(ground, settled, density)


def _ground(facts: CityFacts, towns: list[TownShare], *, seed: int, tell: Tell) -> Ground:
    def progress(done: int, total: int) -> None:
        tell("Laying the ground", done, total)

    if not facts.districts:
        return lay_ground(facts.outline, towns, seed=seed, metric_crs=facts.metric_srid, progress=progress)
    waiting = iter(towns)
    shares = [DistrictShare(district.outline, tuple(islice(waiting, len(district.towns)))) for district in facts.districts]
    return lay_districts(shares, seed=seed, metric_crs=facts.metric_srid, progress=progress)


def _found_areas(conn: Connection, facts: CityFacts, ground: Ground, tell: Tell) -> None:
    tell("Founding the areas", 0, 1)
    towns, communities = ground.towns(), ground.communities()
    whole = shapely.coverage_union_all(towns)
    rows = [AreaRow(facts.code, None, "city", facts.name, whole, synthetic=True, population_official=_census(facts))]
    for district in facts.districts:
        own = towns[[town in district.towns for town in facts.towns]]
        rows.append(AreaRow(district.code, facts.code, "district", district.name, shapely.coverage_union_all(own), synthetic=True))
    district_of = {town.code: district.code for district in facts.districts for town in district.towns}
    for town, shape in zip(facts.towns, towns, strict=True):
        official = town.population if facts.counted else None
        parent = district_of.get(town.code, facts.code)
        rows.append(AreaRow(town.code, parent, "town", town.name, shape, synthetic=True, population_official=official))
    listed = [(town.code, community) for town in facts.towns for community in town.communities]
    for (town_code, community), shape in zip(listed, communities, strict=True):
        rows.append(AreaRow(community.code, town_code, "community", community.name, shape, synthetic=True))
    areas.found(conn, rows, by=ACTOR)
    tell("Founding the areas", 1, 1)


def _census(facts: CityFacts) -> int | None:
    return sum(town.population or 0 for town in facts.towns) if facts.counted else None


def _publish_plans(conn: Connection, facts: CityFacts, grown: Grown, rng: np.random.Generator, tell: Tell) -> list[str]:
    """Publish last year's plan and today's; returns the code of each grid of today's."""
    tell("Publishing the plans", 0, 2)
    today = _division(facts, grown)
    ground, cells = grown.ground, today.cell_shape
    beside = tuple(part.astype(np.int64) for part in ground.cell_neighbours()[:2])
    table = split_grids(today.cell_grid, cells, (beside[0], beside[1]), count=facts.grids_before - facts.grids, rng=rng)
    before, split = _before(today, table)
    _, old_codes = plans.publish_division(
        conn,
        before,
        name=Name("2024年网格方案", "Grid plan 2024"),
        since=PLAN_BEFORE_SINCE,
        decision="演示数据 Demo data",
        by=ACTOR,
    )
    tell("Publishing the plans", 1, 2)
    keeps = np.array([code if at not in split else "" for at, code in enumerate(old_codes[: len(today.grid_shape)])], dtype=object)
    _, codes = plans.publish_division(
        conn,
        replace(today, keeps_code=keeps),
        name=Name("2026年网格方案", "Grid plan 2026"),
        since=PLAN_SINCE,
        decision="演示数据 Demo data",
        by=ACTOR,
    )
    tell("Publishing the plans", 2, 2)
    return codes


def _division(facts: CityFacts, grown: Grown) -> Division:
    ground, residents = grown.ground, grown.residents
    community = np.array([c.code for town in facts.towns for c in town.communities], dtype=object)
    types = np.array(UNIT_TYPES, dtype=object)
    grids = ground.grids()
    return Division(
        grid_shape=grids,
        grid_community=community[ground.grid_community],
        grid_unit_type=types[residents.grid_type],
        keeps_code=np.full(len(grids), "", dtype=object),
        cell_grid=ground.cell_grid.astype(np.int64),
        cell_shape=ground.cells(),
        cell_population=residents.population,
        cell_households=residents.households,
        cell_unit_type=types[residents.cell_type],
        synthetic=True,
    )


def _before(today: Division, table: np.ndarray) -> tuple[Division, set[int]]:
    """The division in which some of today's grids were two, and the positions of those."""
    grids = len(today.grid_shape)
    first_halves = np.unique(today.cell_grid[table >= grids])
    second_halves = np.arange(grids, int(table.max()) + 1)
    parents = np.array([today.cell_grid[np.argmax(table == half)] for half in second_halves], dtype=np.int64)
    shape = today.grid_shape.copy()
    shape[first_halves] = union_by_grid(table, today.cell_shape, first_halves)
    added = union_by_grid(table, today.cell_shape, second_halves)
    before = replace(
        today,
        grid_shape=np.concatenate([shape, added]),
        grid_community=np.concatenate([today.grid_community, today.grid_community[parents]]),
        grid_unit_type=np.concatenate([today.grid_unit_type, today.grid_unit_type[parents]]),
        keeps_code=np.full(grids + len(added), "", dtype=object),
        cell_grid=table,
    )
    return before, set(first_halves.tolist())


def _admit_matters(conn: Connection) -> None:
    admitted = [*tables.matters(), *tables.wishes()]
    catalogue.admit(conn, departments=tables.departments(), matters=admitted, on=PLAN_BEFORE_SINCE.date(), by=ACTOR)


def _post_staff(
    conn: Connection, facts: CityFacts, ground: Ground, codes: list[str], rng: np.random.Generator, tell: Tell
) -> list[StaffRow]:
    tell("Posting the staff", 0, facts.staff)
    community = [c.code for town in facts.towns for c in town.communities]
    grids = [(code, community[at]) for code, at in zip(codes, ground.grid_community.tolist(), strict=True)]
    rows = recruit(
        total=facts.staff, city=facts.code, towns=[town.code for town in facts.towns], communities=community, grids=grids, rng=rng
    )
    staff.post(conn, rows, since=PLAN_SINCE, by=ACTOR)
    tell("Posting the staff", facts.staff, facts.staff)
    return rows


def _a_manager(rows: list[StaffRow], codes: list[str], grid_community: Ints, facts: CityFacts, community: str) -> str:
    """The number of the manager of the first grid of a community."""
    listed = [c.code for town in facts.towns for c in town.communities]
    own = {code for code, at in zip(codes, grid_community.tolist(), strict=True) if listed[at] == community}
    return next(row.number for row in rows if row.role == "manager" and row.grid_code in own)


def _open_facilities(conn: Connection, facts: CityFacts, grown: Grown, rng: np.random.Generator, tell: Tell) -> None:
    tell("Opening the facilities", 0, 1)
    ground = grown.ground
    cell_community = ground.grid_community[ground.cell_grid].astype(np.int64)
    rows = build(
        cell_shape=ground.cells(),
        cell_population=grown.residents.population,
        cell_community=cell_community,
        cell_town=ground.community_town[cell_community].astype(np.int64),
        communities=[(c.code, c.name) for town in facts.towns for c in town.communities],
        towns=[town.name for town in facts.towns],
        rng=rng,
    )
    facilities.open_many(conn, rows, kinds={code: kind.name for code, kind in KINDS.items()}, by=ACTOR)
    offer(conn, tables.services(), by=ACTOR)
    tell("Opening the facilities", 1, 1)


def _lay_streets(conn: Connection, ground: Ground, rng: np.random.Generator, tell: Tell) -> None:
    tell("Laying the streets", 0, 1)
    laid, streets = lay_streets(ground, rng=rng)
    networks.keep(conn, laid, streets, name="演示街道 Demo streets", source="演示数据 Demo data", synthetic=True, by=ACTOR)
    tell("Laying the streets", 1, 1)


def _record_incidents(conn: Connection, grown: Grown, count: int, now: datetime, rng: np.random.Generator, tell: Tell) -> None:
    """Each incident is placed by the plan that was in force when it was reported."""
    tell("Recording the incidents", 0, count)
    happened = happen(
        count=count,
        now=now,
        timezone=TIMEZONE,
        cell_shape=grown.ground.cells(),
        cell_population=grown.residents.population,
        cell_type=grown.residents.cell_type,
        matters=tables.matters(),
        rng=rng,
    )
    switch = int(np.searchsorted(happened.reported_at, np.datetime64(PLAN_SINCE.astimezone(UTC).replace(tzinfo=None), "s")))
    with tempfile.TemporaryDirectory() as folder:
        locator = Locator(Path(folder))
        calendar = calendars.work_calendar(conn, TIMEZONE)
        for part, moment in ((slice(0, switch), PLAN_BEFORE_SINCE), (slice(switch, count), PLAN_SINCE)):
            atlas = locator.atlas(conn, moment)
            for start in range(part.start, part.stop, BATCH):
                batch = _some(happened, slice(start, min(start + BATCH, part.stop)))
                incidents.record_history(
                    conn, batch, atlas=atlas, calendar=calendar, timezone=TIMEZONE, now=now, by=ACTOR
                )
                tell("Recording the incidents", min(start + BATCH, part.stop), count)
    incidents.prepare_months(conn, now=now)


def _model_workload(
    conn: Connection, grown: Grown, now: datetime, rng: np.random.Generator, tell: Tell
) -> list[tuple[int, str, int]]:
    """Places to inspect, and the first workload model: it counts the incidents of the last twelve whole months.

    Returns how many places of each kind lie in each cell, by its position.
    """
    tell("Counting the workload", 0, 1)
    ids = cells.every_id(conn)
    counts = list(places.spread(grown.residents.population, grown.residents.cell_type, rng=rng))
    workloads.register_places(conn, places.kinds(), ((ids[at], kind, n) for at, kind, n in counts), by=ACTOR)
    until = now.astimezone(ZoneInfo(TIMEZONE)).date().replace(day=1)
    workloads.save_model(
        conn, name=Name("标准工作量模型", "Standard workload"), weights=places.standard_weights(),
        since=until.replace(year=until.year - 1), until=until, by=ACTOR,
    )  # fmt: skip
    tell("Counting the workload", 1, 1)
    return counts


def _land(facts: CityFacts, grown: Grown, codes: list[str]) -> Land:
    ground = grown.ground
    communities = [(c.code, c.name) for town in facts.towns for c in town.communities]
    grid = ground.cell_grid.astype(np.int64)
    return Land(ground.cells(), grid, codes, ground.grid_community.astype(np.int64), communities)


def _some(columns: IncidentColumns, part: slice) -> IncidentColumns:
    names = ("reported_at", "closed_at", "lon", "lat", "matter", "state", "channel")
    return replace(columns, **{name: getattr(columns, name)[part] for name in names})
