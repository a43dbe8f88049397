"""How runs that wait for the worker end: what cannot be begun or answered is written down, and nobody waits for ever."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from flask import Flask, current_app
from sqlalchemy import Connection

from gis.errors import WanggeError
from server.database import writing

log = logging.getLogger(__name__)


class Run(Protocol):
    """Something that the worker does, with a number."""

    @property
    def id(self) -> int: ...


AnyRun = TypeVar("AnyRun", bound=Run)


def leave_to_the_worker(
    run: AnyRun, defer: Callable[[Flask, int], None], *, fail: Callable[[Connection, AnyRun, str], None]
) -> None:
    """Put a run into the queue; what cannot be put there would wait for ever, and fails."""
    try:
        defer(current_app, run.id)
    except Exception:
        with writing() as conn:
            fail(conn, run, "The run could not be put into the queue; ask again.")
        raise


@contextmanager
def noting_failure(name: str, *, fail: Callable[[str], None]) -> Iterator[None]:
    """A refusal ends the run with its words; a fault of ours too, which is logged and goes on rising."""
    try:
        yield
    except WanggeError as refusal:
        fail(refusal.detail)
    except Exception:
        log.exception("%s failed", name)
        fail("Something went wrong on our side; it is in the worker's log. Nothing was written.")
        raise
