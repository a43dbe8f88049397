"""Mails to reporters, through a real mail server: each once, in their language, tried again when refused."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Connection, Engine, text

from gis import incidents, reporting
from gis.calendars import work_calendar
from gis.citizen_records import Contact
from gis.records import Report
from gis.store import case_journal
from gis.upkeep import open_database
from server.cluster import Cluster
from server.config import Settings
from server.mailing import Mailer
from tests.builders import MATTER, atlas_of, create_database, found_city, publish

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)


class Postbox:
    """What a mail server was given, and how it answers the next ones."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: list[str] = []

    async def take(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """What the mail server asks for every mail."""
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            mail = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        return answer


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, str]]:
    """A mail server on this machine, and its address."""
    box = Postbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(SimpleNamespace(handle_DATA=box.take), hostname="127.0.0.1", port=port)
    controller.start()
    yield box, f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture(scope="module")
def founded(cluster: Cluster, empty_url: str) -> Iterator[Engine]:
    """A small city in a database of its own."""
    engine = open_database(create_database(cluster, "mailing", template="wangge"))
    with engine.begin() as conn:
        found_city(conn, "AB")
        publish(conn, "AB")
    yield engine
    engine.dispose()


@pytest.fixture
def city(founded: Engine) -> Engine:
    """The city, with nobody to be told anything."""
    with founded.begin() as conn:
        conn.execute(text("DELETE FROM notice"))
        conn.execute(text("DELETE FROM reporter"))
    return founded


def _report(conn: Connection, folder: Path, *, words: str, contact: Contact) -> str:
    calendar = work_calendar(conn, "Asia/Shanghai")
    number = incidents.report(
        conn, Report(MATTER.code, 113.755, 23.045, "citizen", words), atlas=atlas_of(conn, folder), calendar=calendar,
        timezone="Asia/Shanghai", now=NOW, by="public",
    )  # fmt: skip
    reporting.add_reporter(conn, number, contact=contact, photo_ids=[], now=NOW)
    return number


def _step(conn: Connection, number: str, *, action: str, state: str, note: str | None = None, into: str | None = None) -> None:
    ended = NOW + timedelta(hours=1) if state in ("closed", "merged") else None
    row = conn.execute(
        text("""
            WITH i AS (
                UPDATE incident SET state = :state, version = version + 1, closed_at = :ended, merged_into = :into
                WHERE number = :number RETURNING id, version, command_id
            )
            INSERT INTO incident_step (incident_id, version, action, state, actor, command_id, note)
            SELECT id, version, :action, :state, 'station', command_id, :note FROM i RETURNING incident_id
        """),
        {"state": state, "number": number, "action": action, "note": note, "ended": ended, "into": into},
    ).one()
    case_journal.tell(conn, action, incidents=[row.incident_id], actor="station")


def _mailer(engine: Engine, url: str | None, *, now: datetime = NOW) -> Mailer:
    settings = Settings(smtp_url=url, public_url="https://report.example.org", mail_from="grid@example.org")
    return Mailer(engine, settings, now=lambda: now)


def _told(box: Postbox) -> list[tuple[Any, Any]]:
    return [(mail["To"], mail["Subject"]) for mail in box.mails]


def test_every_reporter_of_merged_cases_hears_once_in_her_language(
    city: Engine, postbox: tuple[Postbox, str], tmp_path: Path
) -> None:
    box, url = postbox
    wang = Contact("王女士", None, "wang@example.org", True, "zh")
    smith = Contact(None, None, "smith@example.org", True, "en")
    with city.begin() as conn:
        lead = _report(conn, tmp_path, words="a", contact=wang)
        other = _report(conn, tmp_path, words="b", contact=smith)
        _report(conn, tmp_path, words="c", contact=Contact("李", None, "li@example.org", False))
    mailer = _mailer(city, url)
    assert (mailer.run(), mailer.run()) == (2, 0)
    assert _told(box) == [
        ("wang@example.org", f"您的上报 {lead}：已收到"), ("smith@example.org", f"Your report {other}: received"),
    ]  # fmt: skip
    box.mails.clear()
    with city.begin() as conn:
        _step(conn, other, action="merge", state="merged", into=lead)
        _step(conn, lead, action="comment", state="collected", note="not outside")
        _step(conn, lead, action="settle", state="closed", note="灯已修好")
        _step(conn, other, action="settle", state="merged", into=lead)  # it ends with its lead
    assert (mailer.run(), mailer.run()) == (3, 0)
    assert [subject for to, subject in _told(box) if to == "smith@example.org"] == [
        f"Your report {other}: handled together with an earlier report", f"Your report {other}: settled",
    ]  # fmt: skip
    last = next(mail for mail in box.mails if mail["To"] == "wang@example.org").get_content()
    assert "王女士，您好" in last
    assert "灯已修好" in last
    assert f"https://report.example.org/report/{lead}?key=" in last
    assert "&stop" in last
    assert "not outside" not in "".join(mail.get_content() for mail in box.mails)


def test_what_is_refused_is_tried_again_later_and_what_is_refused_for_good_is_not(
    city: Engine, postbox: tuple[Postbox, str], tmp_path: Path
) -> None:
    box, url = postbox
    with city.begin() as conn:
        _report(conn, tmp_path, words="a", contact=Contact(None, None, "one@example.org", True))
    box.answers = ["451 later", "250 OK"]
    assert [_mailer(city, url, now=NOW + timedelta(minutes=m)).run() for m in (0, 0.5, 1, 2)] == [0, 0, 1, 0]
    with city.begin() as conn:
        _report(conn, tmp_path, words="b", contact=Contact(None, None, "two@example.org", True))
    box.answers = ["554 never"]
    assert [_mailer(city, url, now=NOW + timedelta(days=d)).run() for d in (0, 1, 9)] == [0, 0, 0]
    assert [to for to, _ in _told(box)] == ["one@example.org"]


def test_a_server_that_is_away_costs_no_mail_and_an_answer_that_got_lost_sends_none_twice(
    city: Engine, postbox: tuple[Postbox, str], tmp_path: Path
) -> None:
    box, url = postbox
    with city.begin() as conn:
        _report(conn, tmp_path, words="a", contact=Contact(None, None, "one@example.org", True))
    assert _mailer(city, "smtp://127.0.0.1:9").run() == 0
    assert _mailer(city, url, now=NOW + timedelta(minutes=2)).run() == 1
    with city.begin() as conn:
        conn.execute(text("UPDATE notice SET sent_at = NULL"))  # the worker died after handing it over, before it noted so
    assert _mailer(city, url, now=NOW + timedelta(days=2)).run() == 0
    assert len(box.mails) == 1


def test_without_a_mail_server_nothing_is_sent_and_unwanted_mail_is_dropped(
    city: Engine, postbox: tuple[Postbox, str], tmp_path: Path
) -> None:
    box, url = postbox
    with city.begin() as conn:
        _report(conn, tmp_path, words="a", contact=Contact(None, None, "one@example.org", True))
    assert _mailer(city, None).run() == 0
    with city.begin() as conn:
        reporting.stop_mail(conn, conn.execute(text("SELECT key FROM reporter")).scalar_one())
    assert _mailer(city, url).run() == 0
    assert box.mails == []
