"""Keeping what took long to make, for the next who asks in the same process."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

Made = TypeVar("Made")


@dataclass
class Keeper(Generic[Made]):
    """Keeps the last things that were made. Safe between threads: what one of them makes, the others wait for.

    What failed or was stopped for one is made anew for the others.
    """

    most: int
    _kept: dict[Hashable, Future[Made]] = field(default_factory=dict, repr=False)
    _turn: Lock = field(default_factory=Lock, repr=False)

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What is kept under a key, made if it is not; what fails is not kept."""
        while True:
            kept, is_mine = self._turn_of(key)
            if is_mine:
                return self._make(key, kept, make)
            if kept.exception() is None:
                return kept.result()

    def _turn_of(self, key: Hashable) -> tuple[Future[Made], bool]:
        with self._turn:
            kept = self._kept.pop(key, None)
            turn = kept or Future()
            self._kept[key] = turn
            while len(self._kept) > self.most:
                self._kept.pop(next(iter(self._kept)))
        return turn, kept is None

    def _make(self, key: Hashable, mine: Future[Made], make: Callable[[], Made]) -> Made:
        try:
            made = make()
        except BaseException as failure:
            with self._turn:
                if self._kept.get(key) is mine:
                    del self._kept[key]
            mine.set_exception(failure)
            raise
        mine.set_result(made)
        return made
