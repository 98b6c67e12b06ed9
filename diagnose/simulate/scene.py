"""The knobs of a world and the six worlds that have a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is planted. Counts are of behaviour as it happened, before any of it is lost."""

    users: int
    events_per_user: float  # on average, before loss; log-normal over users
    seed: int = 0
    days: float = 28.0
    breadth: float = 2.5  # total weight of the Dirichlet of tastes; small is narrow
    half_life_days: float | None = None  # of an interest; None: every event is a fresh draw from the taste
    path_share: float = 0.0  # of the interests that end where a path begins: how many follow it
    glances: float = 0.0  # share of events outside the interest of the day, drawn from the taste
    near: float = 0.0  # share of an interest's events that go to an item near the last one
    trend: float = 0.0  # log-amplitude of the rotating popularity of categories
    life: float | None = None  # mean life of an item as a share of the span; None: items stay
    sticky: bool = False  # one category a session
    items_per_category: int = 60
    session_events: float = 4.0
    capture: float = 1.0  # share of behaviour that the log holds
    loss: Literal["events", "sessions", "categories", "identity"] = "events"  # identity: on other ids
    dates_only: bool = False
    prices: bool = False  # a price column
    sessions: bool = False  # a session column
    hand_off_share: float = 0.0  # of what happens unseen: how much began with a hand-off that was logged
    fixed_length: bool = False  # all users alike in the number of events


SCENARIOS: Mapping[str, str] = {
    "ecommerce": "a shop: interests that last days, paths from computers to accessories, everything logged",
    "long_video": "video: stable interests, a tenth of the viewing logged, hand-offs to third-party apps",
    "trend_only": "stable users under a moving catalogue: popularity rotates, items are born and die",
    "stable": "nothing moves: every event is drawn from the same taste",
    "sticky_sessions": "one category a session, no drift of taste",
    "day_only": "dates instead of times over four days: the order of behaviour is not in the log",
}

SCENES: Mapping[str, Scene] = {
    "ecommerce": Scene(
        users=4_000,
        events_per_user=50,
        days=42.0,
        session_events=2.5,
        half_life_days=2.5,
        path_share=0.8,
        glances=0.15,
        near=0.7,
        sessions=True,
    ),
    "long_video": Scene(
        users=4_000, events_per_user=240, days=90.0, capture=0.1, hand_off_share=0.05, breadth=4.0
    ),
    "trend_only": Scene(users=4_000, events_per_user=40, trend=1.0, life=0.4),
    "stable": Scene(users=4_000, events_per_user=40),
    "sticky_sessions": Scene(users=4_000, events_per_user=40, sticky=True, sessions=True),
    "day_only": Scene(
        users=4_000,
        events_per_user=15,
        days=4.0,
        half_life_days=1.0,
        path_share=0.6,
        glances=0.2,
        near=0.7,
        dates_only=True,
    ),
}
