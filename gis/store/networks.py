"""Walking networks: what is known of each, its edges and the lines that bar the way."""

import numpy as np
from sqlalchemy import Connection, text

from gis.coverage_records import StreetLines, StreetNetwork
from gis.records import Shapes, Texts
from gis.store import bulk, shapes

SHOWN = "id, name, source, digest, in_force, edges, length_m, author, at, synthetic"


def save(conn: Connection, *, name: str, source: str, digest: str, length_m: float, synthetic: bool, by: str, edges: int) -> int:
    """Note a network that is not in force yet; returns its id."""
    found: int = conn.execute(
        text("""
            INSERT INTO network (name, source, digest, edges, length_m, author, synthetic)
            VALUES (:name, :source, :digest, :edges, :length_m, :by, :synthetic) RETURNING id
        """),
        {"name": name, "source": source, "digest": digest, "edges": edges, "length_m": length_m, "by": by, "synthetic": synthetic},
    ).scalar_one()
    return found


def save_lines(conn: Connection, network_id: int, streets: StreetLines) -> None:
    """Write the edges and barriers of a network, in their order."""
    for table, column, kinds, lines in (
        ("network_edge", "class", streets.street_class, streets.lines), ("network_barrier", "kind", streets.kind, streets.barriers),
    ):  # fmt: skip
        written = shapes.as_ewkb(lines)
        rows = zip([network_id] * len(written), range(len(written)), kinds, written, strict=True)
        bulk.copy_rows(conn, table, ("network_id", "seq", column, "geom"), rows)


def every(conn: Connection) -> list[StreetNetwork]:
    """All networks, the newest first."""
    rows = conn.execute(text(f"SELECT {SHOWN} FROM network ORDER BY id DESC"))
    return [StreetNetwork(**row._mapping) for row in rows]


def get(conn: Connection, network_id: int, *, lock: bool = False) -> StreetNetwork | None:
    """One network, or None."""
    sql = f"SELECT {SHOWN} FROM network WHERE id = :id {'FOR UPDATE' if lock else ''}"
    row = conn.execute(text(sql), {"id": network_id}).one_or_none()
    return None if row is None else StreetNetwork(**row._mapping)


def in_force(conn: Connection) -> StreetNetwork | None:
    """The network that walks are measured on now, or None."""
    row = conn.execute(text(f"SELECT {SHOWN} FROM network WHERE in_force")).one_or_none()
    return None if row is None else StreetNetwork(**row._mapping)


def put_in_force(conn: Connection, network_id: int) -> None:
    """Let walks be measured on this network and on no other."""
    conn.execute(text("UPDATE network SET in_force = false WHERE in_force AND id <> :id"), {"id": network_id})
    conn.execute(text("UPDATE network SET in_force = true WHERE id = :id"), {"id": network_id})


def remove(conn: Connection, network_id: int) -> None:
    """Take a network away, with its edges and barriers."""
    for sql in ("DELETE FROM network_edge WHERE network_id = :id", "DELETE FROM network WHERE id = :id"):
        conn.execute(text(sql), {"id": network_id})


def edges(conn: Connection, network_id: int) -> Shapes:
    """The edges of a network in their order, EPSG:4326."""
    return _lines(conn, "network_edge", network_id)


def barriers(conn: Connection, network_id: int) -> Shapes:
    """The lines of a network that bar the way, in their order, EPSG:4326."""
    return _lines(conn, "network_barrier", network_id)


def barrier_kinds(conn: Connection, network_id: int) -> Texts:
    """The kind of each line that bars the way, in their order."""
    sql = "SELECT kind FROM network_barrier WHERE network_id = :id ORDER BY seq"
    return np.array(conn.execute(text(sql), {"id": network_id}).scalars().all(), dtype=object)


def kinds_of_barriers(conn: Connection, network_id: int) -> dict[str, int]:
    """How many lines of each kind bar the way."""
    sql = "SELECT kind, count(*) AS lines FROM network_barrier WHERE network_id = :id GROUP BY kind ORDER BY kind"
    return {row.kind: row.lines for row in conn.execute(text(sql), {"id": network_id})}


def lengths_by_class(conn: Connection, network_id: int) -> dict[str, tuple[int, float]]:
    """How many edges of each class there are and how long they are together, in metres on the ellipsoid."""
    sql = """
        SELECT class, count(*), sum(ST_LengthSpheroid(geom, 'SPHEROID["WGS 84",6378137,298.257223563]'))
        FROM network_edge WHERE network_id = :id GROUP BY class ORDER BY 3 DESC
    """
    return {kind: (count, length_m) for kind, count, length_m in conn.execute(text(sql), {"id": network_id})}


def _lines(conn: Connection, table: str, network_id: int) -> Shapes:
    sql = f"SELECT encode(ST_AsBinary(geom), 'hex') AS geom FROM {table} WHERE network_id = :id ORDER BY seq"
    return shapes.from_hex(bulk.read_columns(conn, sql, {"id": network_id}, kinds={"geom": str})["geom"])
