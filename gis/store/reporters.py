"""Who reported a case: by key, with the case as it is told to them, and what they say of the outcome."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from gis.citizen_records import Contact, PublicCase, PublicStep, Reporter
from gis.feature_records import Bbox
from gis.records import Name
from gis.store import photos

_CASE = """
    SELECT i.id, i.number, i.state, i.version, i.address, i.description, i.reported_at, i.closed_at, i.due_at, i.merged_into,
           ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat, m.code AS matter, m.name_zh, m.name_en, m.category_zh, m.category_en, m.icon,
           m.visibility, m.kind, c.name_zh AS community_zh, c.name_en AS community_en,
           (SELECT count(*) FROM reporter r WHERE r.incident_id = i.id OR r.incident_id = ANY(ARRAY(
               SELECT o.id FROM incident o WHERE o.merged_into = i.number))) AS reporters
    FROM incident i JOIN matter m ON m.id = i.matter_id LEFT JOIN area c ON c.id = i.community_id
"""


def add(conn: Connection, incident_id: int, *, key: str, contact: Contact, joined: bool, at: datetime) -> int:
    """Write down who reported a case; returns the reporter's id."""
    reporter_id: int = conn.execute(
        text("""
            INSERT INTO reporter (incident_id, name, phone, email, language, wants_mail, key, joined, at)
            VALUES (:incident, :name, :phone, :email, :language, :wants, :key, :joined, :at) RETURNING id
        """),
        {
            "incident": incident_id, "name": contact.name, "phone": contact.phone, "email": contact.email,
            "language": contact.language, "wants": contact.wants_mail and contact.email is not None, "key": key, "joined": joined,
            "at": at,
        },
    ).scalar_one()  # fmt: skip
    return reporter_id


def by_key(conn: Connection, key: str, *, lock: bool = False) -> Reporter | None:
    """The reporter with a key."""
    row = conn.execute(
        text(f"SELECT * FROM reporter WHERE key = :key {'FOR UPDATE' if lock else ''}"), {"key": key}
    ).one_or_none()
    if row is None:
        return None
    contact = Contact(row.name, row.phone, row.email, row.wants_mail, row.language)
    return Reporter(row.id, row.incident_id, row.key, contact, row.joined, row.rating, row.words, row.rated_at)


def case(conn: Connection, number: str) -> PublicCase | None:
    """The case with a tracking number."""
    row = conn.execute(text(f"{_CASE} WHERE i.number = :number"), {"number": number}).one_or_none()
    return _case(row) if row else None


def _case(row: Row[Any]) -> PublicCase:
    return PublicCase(
        id=row.id, number=row.number, state=row.state, version=row.version, matter=row.matter, icon=row.icon, kind=row.kind,
        matter_name=Name(row.name_zh, row.name_en), category=Name(row.category_zh, row.category_en), visibility=row.visibility,
        lon=row.lon, lat=row.lat, address=row.address, description=row.description, reported_at=row.reported_at,
        community=Name(row.community_zh, row.community_en) if row.community_zh else None, closed_at=row.closed_at,
        due_at=row.due_at, merged_into=row.merged_into, reporters=row.reporters,
    )  # fmt: skip


def hold(conn: Connection, number: str) -> None:
    """Hold a case against steps of others until this transaction ends."""
    conn.execute(text("SELECT FROM incident WHERE number = :number FOR UPDATE"), {"number": number})


def steps(conn: Connection, incident_id: int, *, actions: Sequence[str]) -> list[PublicStep]:
    """The steps of a case of some kinds, oldest first, with their notes and photos."""
    rows = conn.execute(
        text("""
            SELECT s.action, s.at, s.note, ARRAY(SELECT p.id FROM photo p WHERE p.step_id = s.id ORDER BY p.at, p.id) AS photos
            FROM incident_step s WHERE s.incident_id = :incident AND s.action = ANY(:actions) ORDER BY s.version
        """),
        {"incident": incident_id, "actions": list(actions)},
    )
    return [PublicStep(row.action, row.at, row.note, tuple(row.photos)) for row in rows]


def first_step(conn: Connection, incident_id: int) -> int | None:
    """The step that a case began with."""
    return conn.execute(
        text("SELECT id FROM incident_step WHERE incident_id = :incident AND version = 1"), {"incident": incident_id}
    ).scalar_one_or_none()


def own_photos(conn: Connection, reporter: Reporter) -> list[str]:
    """What a reporter sent."""
    rows = conn.execute(
        text("SELECT id FROM photo WHERE incident_id = :incident AND sent_by = :owner ORDER BY at, id"),
        {"incident": reporter.incident_id, "owner": photos.owner_of(reporter.id)},
    )
    return [row.id for row in rows]


def rate(conn: Connection, reporter_id: int, *, rating: int, words: str | None, at: datetime) -> None:
    """Keep what a reporter says of the outcome."""
    conn.execute(
        text("UPDATE reporter SET rating = :rating, words = :words, rated_at = :at WHERE id = :id"),
        {"id": reporter_id, "rating": rating, "words": words, "at": at},
    )


def stop_mail(conn: Connection, key: str) -> bool:
    """No mail any more for the reporter with a key; returns whether there is one."""
    return conn.execute(text("UPDATE reporter SET wants_mail = false WHERE key = :key"), {"key": key}).rowcount > 0


def open_around(conn: Connection, *, bbox: Bbox, since: datetime, ended_since: datetime, limit: int) -> list[PublicCase]:
    """The newest cases in a box that are open, or were settled of late, and that the public map does not hide."""
    rows = conn.execute(
        text(f"""
            {_CASE}
            WHERE i.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) AND i.reported_at > :since
              AND (i.closed_at IS NULL OR i.closed_at > :ended) AND i.state NOT IN ('rejected', 'merged')
              AND m.visibility <> 'hidden'
            ORDER BY i.reported_at DESC, i.id LIMIT :limit
        """),
        dict(zip(("west", "south", "east", "north"), bbox, strict=True)) | {"since": since, "ended": ended_since, "limit": limit},
    )
    return [_case(row) for row in rows]


def same_again(
    conn: Connection, *, matter: str, lon: float, lat: float, description: str | None, metres: float, since: datetime
) -> str | None:
    """The open case of citizens that says the same of the same place, newest first; None where there is none."""
    return conn.execute(
        text("""
            SELECT i.number FROM incident i JOIN matter m ON m.id = i.matter_id
            WHERE i.reported_at > :since AND i.closed_at IS NULL AND i.channel = 'citizen' AND m.code = :matter
              AND i.geom && ST_Expand(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), 0.001)
              AND ST_DistanceSphere(i.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) <= :metres
              AND i.description IS NOT DISTINCT FROM :description
            ORDER BY i.reported_at DESC LIMIT 1
        """),
        {"matter": matter, "lon": lon, "lat": lat, "metres": metres, "description": description, "since": since},
    ).scalar_one_or_none()


def often_reported(conn: Connection, *, kind: str, latest: int, limit: int) -> list[str]:
    """The codes of the matters that citizens reported most often of late."""
    rows = conn.execute(
        text("""
            SELECT m.code FROM (
                SELECT matter_id FROM incident WHERE channel = 'citizen' ORDER BY reported_at DESC LIMIT :latest
            ) AS i JOIN matter m ON m.id = i.matter_id
            WHERE m.by_citizens AND m.kind = :kind GROUP BY m.code ORDER BY count(*) DESC, m.code LIMIT :limit
        """),
        {"kind": kind, "latest": latest, "limit": limit},
    )
    return [row.code for row in rows]


def ground(conn: Connection, *, bbox: Bbox, level: str, band: int) -> list[dict[str, Any]]:
    """The areas of a level that lie in a box: names, the place of the name, and the outline as a band of maps draws it, GeoJSON."""
    rows = conn.execute(
        text("""
            SELECT a.code, a.name_zh, a.name_en, ST_X(a.label_point) AS lon, ST_Y(a.label_point) AS lat,
                   ST_AsGeoJSON(ST_Transform(s.geom, 4326), 5)::json AS outline
            FROM area a JOIN map_shape s ON s.layer = a.level AND s.ref_id = a.id AND s.band = :band
            WHERE a.level = :level AND a.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) ORDER BY a.code
        """),
        dict(zip(("west", "south", "east", "north"), bbox, strict=True)) | {"level": level, "band": band},
    )
    return [dict(row._mapping) for row in rows]


def area_at(conn: Connection, lon: float, lat: float, *, level: str) -> Name | None:
    """The name of the area of a level that a point lies in."""
    row = conn.execute(
        text("""
            SELECT name_zh, name_en FROM area
            WHERE level = :level AND ST_Covers(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) ORDER BY code LIMIT 1
        """),
        {"lon": lon, "lat": lat, "level": level},
    ).one_or_none()
    return Name(row.name_zh, row.name_en) if row else None
