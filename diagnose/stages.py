"""How far a diagnosis has come: who listens, and what each stage took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from diagnose.results import ArmTiming, Timings

USUAL_SECONDS: Mapping[str, float] = {  # 20,000 users on two idle cores; the trial's are its budget's [0035]
    "reading": 3.0,
    "interests": 1.0,
    "capture": 2.0,
    "drift": 30.0,
    "losses": 20.0,
}


class Listener(Protocol):
    """Whoever wants to know how far a diagnosis has come."""

    def mapping(self, lines: Sequence[str]) -> None:
        """How the columns were read, a line each."""

    def forecast(self, text: str, seconds: float | None = None) -> None:
        """What the run will take; `seconds`: what the present stage will, where that is told."""

    def plan(self, seconds: Mapping[str, float]) -> None:
        """What the stages to come usually take, by their labels, in their order."""

    def stage(self, name: str) -> None:
        """A stage begins."""

    def advance(self, text: str, fraction: float) -> None:
        """The present stage is so far (0 to 1)."""

    def ended(self, name: str, seconds: float, decided: str) -> None:
        """A stage is over, what it took, and what it came to."""


class Silent:
    """Listens to nothing."""

    def mapping(self, lines: Sequence[str]) -> None:
        """Nobody to tell."""

    def forecast(self, text: str, seconds: float | None = None) -> None:
        """Nobody to tell."""

    def plan(self, seconds: Mapping[str, float]) -> None:
        """Nobody to tell."""

    def stage(self, name: str) -> None:
        """Nobody to tell."""

    def advance(self, text: str, fraction: float) -> None:
        """Nobody to tell."""

    def ended(self, name: str, seconds: float, decided: str) -> None:
        """Nobody to tell."""


class Stages:
    """Measures what each stage took and tells the listener that it begins and what it came to."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.seconds: dict[str, float] = {}
        self.began = time.perf_counter()

    @contextmanager
    def __call__(self, name: str, label: str, decided: Callable[[], str] = str) -> Iterator[None]:
        """A stage: `name` in the result's timings, `label` for people; `decided` is asked at its end."""
        self.listener.stage(label)
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began
        self.listener.ended(label, self.seconds[name], decided())

    def timings(self, arms: Mapping[str, ArmTiming]) -> Timings:
        """All of it, as the result holds it."""
        return Timings(total=time.perf_counter() - self.began, stages=dict(self.seconds), arms=dict(arms))
