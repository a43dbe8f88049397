"""The cells: blocks that are never cut, with their residents."""

import numpy as np
from sqlalchemy import Connection, text

from gis.records import CellColumns, Division, Floats, Ints
from gis.store import areas, bulk, shapes


def save_of(conn: Connection, division: Division, *, areas_m2: Floats) -> range:
    """Write the cells; returns their ids in the order of the division."""
    taken = bulk.take_ids(conn, "cell", len(division.cell_shape))
    community = areas.ids_by_code(conn)
    homes = (community[division.grid_community[grid]] for grid in division.cell_grid)
    rows = zip(
        taken,
        homes,
        shapes.as_ewkb(division.cell_shape),
        areas_m2.tolist(),
        division.cell_population.tolist(),
        division.cell_households.tolist(),
        division.cell_unit_type,
        strict=True,
    )
    columns = ("id", "community_id", "geom", "area_m2", "population", "households", "unit_type", "synthetic")
    bulk.copy_rows(conn, "cell", columns, ((*row, division.synthetic) for row in rows))
    return taken


def save(conn: Connection, cells: CellColumns, *, areas_m2: Floats) -> None:
    """Write the cells of a city that has none yet; `cells.ids` are not looked at."""
    home = areas.ids_by_code(conn)
    rows = zip(
        (home[code] for code in cells.community),
        shapes.as_ewkb(cells.shape),
        areas_m2.tolist(),
        cells.population.tolist(),
        cells.households.tolist(),
        cells.unit_type,
        cells.synthetic.tolist(),
        strict=True,
    )
    columns = ("community_id", "geom", "area_m2", "population", "households", "unit_type", "synthetic")
    bulk.copy_rows(conn, "cell", columns, rows)


def every(conn: Connection) -> CellColumns:
    """The present cells, ordered by id."""
    rows = conn.execute(
        text("""
            SELECT c.id, a.code, c.population, c.households, c.unit_type, c.synthetic, ST_AsBinary(c.geom) AS shape
            FROM cell c JOIN area a ON a.id = c.community_id WHERE c.valid @> now() ORDER BY c.id
        """)
    ).all()
    return CellColumns(
        ids=np.array([row.id for row in rows], dtype=np.int64),
        shape=shapes.from_wkb(row.shape for row in rows),
        community=np.array([row.code for row in rows], dtype=object),
        population=np.array([row.population for row in rows], dtype=np.int64),
        households=np.array([row.households for row in rows], dtype=np.int64),
        unit_type=np.array([row.unit_type for row in rows], dtype=object),
        synthetic=np.array([row.synthetic for row in rows], dtype=bool),
    )


def populate(conn: Connection, *, cell_ids: Ints, population: Ints, households: Ints) -> None:
    """Write residents and households of cells, and the sums of the grids in force."""
    conn.exec_driver_sql("CREATE TEMPORARY TABLE counted (id bigint, population int, households int) ON COMMIT DROP")
    rows = zip(cell_ids.tolist(), population.tolist(), households.tolist(), strict=True)
    bulk.copy_rows(conn, "counted", ("id", "population", "households"), rows)
    conn.exec_driver_sql(
        "UPDATE cell c SET population = n.population, households = n.households FROM counted n WHERE n.id = c.id"
    )
    conn.exec_driver_sql("DROP TABLE counted")
    conn.execute(
        text("""
            UPDATE grid_version v SET population = sums.population, households = sums.households
            FROM (
                SELECT a.grid_id, sum(c.population) AS population, sum(c.households) AS households
                FROM plan p JOIN cell_assignment a ON a.plan_id = p.id JOIN cell c ON c.id = a.cell_id
                WHERE p.valid @> now() GROUP BY a.grid_id
            ) AS sums
            WHERE v.grid_id = sums.grid_id AND v.valid @> now()
        """)
    )


def ids(conn: Connection) -> list[int]:
    """Ids of the present cells, in the order they were written."""
    return [row.id for row in conn.execute(text("SELECT id FROM cell WHERE valid @> now() ORDER BY id"))]
