"""Mails to who reported something, over SMTP: each handed over once, tried again when it was certainly not taken."""

import logging
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from sqlalchemy import Engine

from gis import notices
from gis.citizen_records import Notice
from gis.rules.mail_words import letter
from server.config import Settings

log = logging.getLogger(__name__)

AT_ONCE: Final = 500
TIMEOUT_S: Final = 20
REFUSED_FOR_GOOD: Final = range(500, 600)


class NotTaken(Exception):
    """The mail server certainly did not take it; `for_good` when it never will."""

    def __init__(self, fault: str, *, for_good: bool) -> None:
        super().__init__(fault)
        self.for_good = for_good


class Mailer:
    """Sends what is due, with one connection for as many as there are."""

    def __init__(self, engine: Engine, settings: Settings, *, now: Callable[[], datetime]) -> None:
        """`settings` name the mail server; without one nothing is sent, and nothing is written to be sent."""
        self.engine = engine
        self.settings = settings
        self.now = now
        self.server: smtplib.SMTP | None = None

    def run(self) -> int:
        """Write what is new in the journal and send what is due; returns how many mails were taken."""
        if self.settings.smtp_url is None:
            return 0
        more = True
        while more:
            with self.engine.begin() as conn:
                more = notices.gather(conn, now=self.now())
        try:
            return sum(self._send(notice) for notice in self._due())
        finally:
            self._hang_up()

    def _due(self) -> Iterator[Notice]:
        for _ in range(AT_ONCE):
            with self.engine.begin() as conn:
                notice = notices.take_due(conn, now=self.now())
            if notice is None:
                return
            yield notice

    def _send(self, notice: Notice) -> bool:
        """Send one; returns whether it was taken."""
        try:
            self._hand_over(notice)
        except NotTaken as refused:
            log.warning("mail %d was not taken: %s", notice.id, refused)
            with self.engine.begin() as conn:
                notices.put_back(conn, notice, fault=str(refused), now=self.now(), for_good=refused.for_good)
            self._hang_up()
            return False
        except (OSError, smtplib.SMTPException) as unknown:
            log.error("nobody knows whether mail %d was taken, it is not sent again: %s", notice.id, unknown)
            with self.engine.begin() as conn:
                notices.leave_open(conn, notice, fault=f"perhaps taken: {unknown}")
            self._hang_up()
            return False
        with self.engine.begin() as conn:
            notices.note_sent(conn, notice, now=self.now())
        return True

    def _hand_over(self, notice: Notice) -> None:
        """Raises NotTaken; any other fault leaves open whether the server took it."""
        mail = self._written(notice)
        try:
            server = self._connected()
            server.ehlo_or_helo_if_needed()
            code, words = server.mail(self.settings.mail_from)
            if code == 250:
                code, words = server.rcpt(notice.email)
        except (OSError, smtplib.SMTPException) as fault:
            raise NotTaken(str(fault), for_good=False) from fault
        if code not in (250, 251):
            raise NotTaken(words.decode(errors="replace"), for_good=code in REFUSED_FOR_GOOD)
        try:
            code, words = server.data(mail.as_bytes())
        except smtplib.SMTPDataError as fault:
            raise NotTaken(str(fault), for_good=fault.smtp_code in REFUSED_FOR_GOOD) from fault
        if code != 250:
            raise NotTaken(words.decode(errors="replace"), for_good=code in REFUSED_FOR_GOOD)

    def _written(self, notice: Notice) -> EmailMessage:
        page = f"{self.settings.outside_address(f'http://{self.settings.address}')}/report/{notice.number}?key={quote(notice.key)}"
        subject, words = letter(
            notice.kind, language=notice.language, number=notice.number, name=notice.name, facts=notice.facts, follow=page,
            stop=f"{page}&stop",
        )  # fmt: skip
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.settings.mail_from, notice.email, subject
        mail["Date"] = self.now()
        mail["Message-ID"] = f"<notice-{notice.id}@{self.settings.mail_from.partition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["List-Unsubscribe"] = f"<{page}&stop>"
        mail.set_content(words)
        return mail

    def _connected(self) -> smtplib.SMTP:
        if self.server is None:
            asked = urlsplit(str(self.settings.smtp_url))
            secured = asked.scheme == "smtps"
            context = ssl.create_default_context()
            host, port = asked.hostname or "localhost", asked.port or (465 if secured else 25)
            if secured:
                self.server = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
            else:
                self.server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
                self.server.ehlo()
                if self.server.has_extn("starttls"):
                    self.server.starttls(context=context)
            if asked.username:
                self.server.login(unquote(asked.username), unquote(asked.password or ""))
        return self.server

    def _hang_up(self) -> None:
        if self.server is not None:
            with suppress(OSError, smtplib.SMTPException):
                self.server.quit()
            self.server.close()
            self.server = None
