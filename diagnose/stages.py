"""How far a diagnosis has come: who listens, and what each stage took."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from diagnose.results import ArmTiming, Timings


class Listener(Protocol):
    """Whoever wants to know how far a diagnosis has come."""

    def mapping(self, lines: Sequence[str]) -> None:
        """How the columns were read, a line each."""

    def forecast(self, text: str) -> None:
        """What the run will take."""

    def stage(self, name: str) -> None:
        """A stage begins."""

    def advance(self, text: str, fraction: float) -> None:
        """The present stage is so far (0 to 1)."""


class Silent:
    """Listens to nothing."""

    def mapping(self, lines: Sequence[str]) -> None:
        """Nobody to tell."""

    def forecast(self, text: str) -> None:
        """Nobody to tell."""

    def stage(self, name: str) -> None:
        """Nobody to tell."""

    def advance(self, text: str, fraction: float) -> None:
        """Nobody to tell."""


class Stages:
    """Measures what each stage took and tells the listener that it begins."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.seconds: dict[str, float] = {}
        self.began = time.perf_counter()

    @contextmanager
    def __call__(self, name: str, label: str) -> Iterator[None]:
        """A stage: `name` in the result's timings, `label` for people."""
        self.listener.stage(label)
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began

    def timings(self, arms: Mapping[str, ArmTiming]) -> Timings:
        """All of it, as the result holds it."""
        return Timings(total=time.perf_counter() - self.began, stages=dict(self.seconds), arms=dict(arms))
