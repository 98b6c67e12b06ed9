"""Results to weigh, written by hand: each test says only what matters to it."""

from __future__ import annotations

import dataclasses

import pytest

from diagnose.results import (
    Capture,
    Contrast,
    Estimate,
    Fault,
    Hygiene,
    Measured,
    Skipped,
    Statement,
    Trial,
    Wanted,
)
from diagnose.settings import CaptureSettings, Settings, TrialSettings
from diagnose.verdict import decide

FOUND = {
    "lift": (0.0115, 0.0101, 0.0129),
    "order_gain": (0.0045, 0.0035, 0.0055),
    "beyond_recency": (0.0041, 0.0030, 0.0052),
    "recency_gain": (0.0074, 0.0060, 0.0088),
    "attention_gain": (0.0070, 0.0059, 0.0081),
    "order_aware_gain": (0.0045, 0.0035, 0.0055),
}  # a world in which a sequence model pays
RECENCY = FOUND | {"recency_gain": (0.0107, 0.0095, 0.0119), "beyond_recency": (0.0008, -0.0001, 0.0017)}
NOTHING = {
    "lift": (0.0002, -0.0008, 0.0012),
    "order_gain": (-0.0003, -0.0012, 0.0006),
    "beyond_recency": (0.0001, -0.0009, 0.0011),
    "recency_gain": (0.0001, -0.0008, 0.0010),
    "attention_gain": (0.0000, -0.0009, 0.0009),
    "order_aware_gain": (-0.0001, -0.0010, 0.0008),
}
ORDER = {
    "total": (0.311, 0.301, 0.321),
    "recency": (0.274, 0.265, 0.283),
    "direction": (0.037, 0.033, 0.041),
    "share": (0.091, 0.088, 0.094),
    "recency_half_life": (11.0, 10.0, 13.0),
}
NO_ORDER = {
    "total": (0.0, -0.001, 0.001),
    "recency": (0.0, -0.001, 0.001),
    "direction": (0.0, -0.001, 0.001),
    "share": (0.0001, -0.0003, 0.0004),
}
MOVES = {"drift_share": (0.68, 0.65, 0.71), "half_life_days": (2.9, 2.5, 3.4)}


def estimates(numbers, unit):
    return {
        name: Estimate(value=value, low=low, high=high, unit=unit)
        for name, (value, low, high) in numbers.items()
    }


def probe(name, numbers, *, unit="share", condition="drift", users=5000, reason="too few users"):
    """A measured probe, or a skipped one where there are no numbers."""
    if numbers is None:
        return Skipped(name=name, condition=condition, reason=reason)
    return Measured(name=name, condition=condition, users=users, estimates=estimates(numbers, unit))


def statement(low, high, *, unit="events", grade="declared", scope="all of it", whole=True):
    return Statement(
        probe="anchors",
        unit=unit,
        scope=scope,
        low=low,
        high=high,
        level=1.0,
        grade=grade,
        assumption="-",
        whole=whole,
    )


def capture_of(*statements):
    grade = statements[0].grade if statements else "C"
    low, high = (statements[0].low, statements[0].high) if statements else (0.0, 1.0)
    return Capture(
        low=low,
        high=high,
        unit=statements[0].unit if statements else "events",
        scope=statements[0].scope if statements else "all",
        grade=grade,
        conflict=False,
        statements=statements,
        wanted=() if statements else (PANEL,),
    )


PANEL = Wanted(
    supply="a panel: a file (--panel FILE)",
    why="only others see it",
    would_narrow_to="grade A",
)


def trial_of(contrasts, *, status="done", reason=None, **fields):
    made = tuple(
        Contrast(name=name, metric="GAUC", value=value, low=low, high=high, comparator="dnn")
        for name, (value, low, high) in contrasts.items()
    )
    return Trial(status=status, reason=reason, users_test=8000, contrasts=made, **fields)


@dataclasses.dataclass(frozen=True)
class World:
    """Everything decide() reads; `but` changes some of it."""

    order: dict | None = dataclasses.field(default_factory=lambda: ORDER)
    items: dict | None = dataclasses.field(default_factory=lambda: {"gain": (0.026, 0.023, 0.029)})
    drift: dict | None = dataclasses.field(default_factory=lambda: MOVES)
    users: int | None = 5000
    capture: tuple = ()
    losses: dict | None = None  # down to which rates the finding holds
    pattern: str = "unknown"
    trial: Trial = dataclasses.field(default_factory=lambda: trial_of(FOUND))
    run: bool = True
    minimum_lift: float = 0.003
    hygiene: Hygiene = dataclasses.field(default_factory=lambda: Hygiene(passed=True, reason=None, faults=()))

    def but(self, **changes):
        return dataclasses.replace(self, **changes)

    def results(self):
        identity = probe(
            "identity",
            None if self.users is None else {"users_with_history_share": (0.5, 0.49, 0.51)},
            condition="capture",
            users=2 * (self.users or 0),
        )
        return {
            "hygiene": self.hygiene,
            "probes": (
                probe("order_information", self.order),
                probe("item_order_information", self.items, unit="GAUC"),
                probe("interest_persistence", self.drift),
                identity,
                *([probe("thinning", self.losses, condition="capture")] if self.losses else []),
            ),
            "capture": capture_of(*self.capture),
            "trial": self.trial,
            "settings": Settings(
                capture=CaptureSettings(loss_pattern=self.pattern),
                trial=TrialSettings(run=self.run, minimum_lift=self.minimum_lift),
            ),
        }

    def verdict(self):
        return decide(**self.results())


def tied(share):
    """A gate that passed, with so many ties."""
    return Hygiene(passed=True, reason=None, faults=(Fault(name="ties", count=1, share=share, note="-"),))


WORLDS = {
    "sequence": World(),
    "recency": World(trial=trial_of(RECENCY)),
    "order_blind": World(order=NO_ORDER, items={"gain": (0.0, -0.001, 0.001)}, trial=trial_of(NOTHING)),
    "attention": World(
        order=NO_ORDER,
        items={"gain": (0.0, -0.001, 0.001)},
        trial=trial_of(NOTHING | {"attention_gain": (0.007, 0.006, 0.008)}),
    ),
    "capture": World(capture=(statement(0.05, 0.2),), trial=trial_of(NOTHING)),
    "ties": World(
        trial=trial_of(
            FOUND
            | {"tie_effect": (0.004, 0.003, 0.005), "order_aware_gain_redrawn": (0.0004, -0.0004, 0.0012)}
        )
    ),
    "unseen": World(order=NO_ORDER, items={"gain": (0.0, -0.001, 0.001)}),
    "missed": World(trial=trial_of(NOTHING)),
    "positions": World(hygiene=Hygiene(passed=True, reason=None, faults=(), clock=False)),
    "undecided": World(
        trial=trial_of(FOUND | {"lift": (0.004, 0.001, 0.007)}, minimal_detectable_lift=0.005)
    ),
    "no_trial": World(run=False, trial=Trial(status="skipped", reason="not asked for (--no-trial)")),
    "untrusted": World(
        trial=trial_of(FOUND, status="not_trustworthy", reason="too small", problems=("too_small",))
    ),
    "small": World(users=320, order=None, items=None),
    "unmeasurable": World(
        hygiene=Hygiene(
            passed=False,
            reason="only 12 of 3,400 users with at least 5 events have 5 or more distinct times; "
            "at least 10 % must",
            faults=(Fault(name="ties", count=100, share=0.93, note="-"),),
        )
    ),
    "contradicted": World(
        capture=(statement(0.05, 0.2, grade="A"), statement(0.8, 0.9)), trial=trial_of(NOTHING)
    ),
    "unchecked_ties": World(hygiene=tied(0.4)),
}


@pytest.fixture(scope="session")
def worlds():
    """Named worlds, each with one outcome."""
    return WORLDS


@pytest.fixture(params=sorted(WORLDS))
def world(request):
    """Each of them in turn."""
    return WORLDS[request.param]


@pytest.fixture
def build():
    """The builders, for tests that need a world of their own."""
    return {
        "trial": trial_of,
        "statement": statement,
        "tied": tied,
        "found": FOUND,
        "nothing": NOTHING,
        "recency": RECENCY,
    }
