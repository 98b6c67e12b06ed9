"""Followers of series: what a log holds of their episodes where some are skipped and some followers leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diagnose.histories import MICROSECONDS_PER_DAY, Histories

Rng = np.random.Generator


@dataclass(frozen=True, kw_only=True)
class Followers:
    """Who watches what, and what of it is on record."""

    users: int = 500
    capture: float = 0.1  # chance that a viewing is on record
    titles: int = 50  # of the platform
    lengths: tuple[int, ...] = (10, 16, 24, 32, 48)  # of them, in turn
    series: int = 2  # that a user follows
    skipped: float = 0.0  # share of episodes seen nowhere
    leaving: float = 0.0  # share of followers who finish elsewhere, from a random episode on
    staying: float = 0.0  # share of viewings elsewhere after which all later ones are elsewhere
    late: float = 0.0  # followers start somewhere in so much of the series


def followers(plan: Followers, *, rng: Rng) -> Histories:
    """The log of such followers; each follows the next few of the titles in turn, one after another."""
    followed = np.arange(plan.users * plan.series).reshape(plan.users, plan.series) % plan.titles
    return log(
        [
            [
                (title + 1, episode)
                for title in titles
                for episode in on_record(plan, length=plan.lengths[title % len(plan.lengths)], rng=rng)
            ]
            for titles in followed.tolist()
        ]
    )


def on_record(plan: Followers, *, length: int, rng: Rng) -> list[int]:
    """The episodes of one series of that length that the log holds of one follower."""
    episodes = np.arange(1 + int(rng.random() * plan.late * length), length + 1)
    watched = rng.random(len(episodes)) >= plan.skipped
    here = watched & (rng.random(len(episodes)) < plan.capture)
    if rng.random() < plan.leaving:
        here[rng.integers(0, len(here)) :] = False
    stays = watched & ~here & (rng.random(len(episodes)) < plan.staying)
    if stays.any():
        here[np.argmax(stays) :] = False
    return [int(episode) for episode in episodes[here]]


def log(
    users: Sequence[Sequence[tuple[int, int]]], *, times: Sequence[Sequence[int]] | None = None
) -> Histories:
    """Histories of each user's (series, ordinal), a day apart or on given days."""
    rows = [row for user in users for row in user]
    days = times or [range(len(user)) for user in users]
    flat = np.array([day for user in days for day in user], dtype=np.int64)
    n = len(rows)
    return Histories(
        offsets=np.concatenate([[0], np.cumsum([len(user) for user in users])]).astype(np.int64),
        user=np.arange(len(users), dtype=np.uint64),
        item=np.arange(n, dtype=np.int64),
        category=np.zeros(n, dtype=np.int32),
        time=flat * MICROSECONDS_PER_DAY,
        session=np.zeros(n, dtype=np.int32),
        event=np.zeros(n, dtype=np.int16),
        series=np.array([series for series, _ in rows], dtype=np.int64),
        ordinal=np.array([ordinal for _, ordinal in rows], dtype=np.int32),
    )
