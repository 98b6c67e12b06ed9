"""Hand-offs: of the active time that starts on the platform, how much is spent on it?

Statistic  here / (here + elsewhere). Elsewhere: from a hand-off event to the user's next event, where that
           comes within the return window. Here: what follows every other event, its `duration` where the log
           has one (the platform measured it, and the last event of a visit has no other), else the gap to
           the next event of the session; never longer than until the next event. Hand-offs that do not return
           within the window count as nothing, and then as long as those that do: the truth may be either.
Null       No hand-off: all time is spent here.
Interval   Percentile bootstrap over users for each window; `share_of_time` runs from the lowest to the
           highest over windows and both ways to count: the return window carries the answer.
Reference  Manski (2003) on intervals over scenarios; Efron and Tibshirani (1993).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.active_time import leads_elsewhere, seconds_until_next, time_here
from diagnose.formatting import count
from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.results import Estimate, Measured, Probed, Series, Skipped, Statement
from diagnose.schema import hand_off_codes
from diagnose.settings import Settings
from diagnose.stats.bootstrap import quantile_interval, resample_sums, user_sums

NAME = "hand_offs"
QUESTION = "Of the active time that starts on the platform, how much is spent on it?"

SCOPE = (
    "active time that starts on the platform, of users in the sample: here, or after a logged hand-off until "
    "the return"
)
ASSUMPTION = (
    "a hand-off lasts until the next event here, if that comes within the return window, and the interval "
    "runs over the windows; what happens here is recorded whole. What leaves without a hand-off event is not "
    "seen, so the share of everything can only be lower"
)

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sums:
    """Of each user; shapes (U,) and (U, W) for W windows. Time in seconds."""

    here: Numbers
    elsewhere: Numbers  # until the return, by window
    returned: Numbers  # hand-offs that return within the window
    hand_offs: Numbers
    followed: Numbers  # hand-offs so long before the end of the log that their return would be in it
    seen_again: Numbers  # of these, those that return within the window
    sessions: Numbers
    left: Numbers  # sessions with a hand-off


def measure(histories: Histories, *, settings: Settings, rng: np.random.Generator) -> Probed:
    """Share of time by return window and over all of them, and of sessions that hand off."""
    named = settings.capture.handoffs
    if not named:
        return _skipped(
            "no hand-off was declared: --handoff EVENT names an event after which users are elsewhere"
        )
    hand_off_codes(histories.events, named)  # an event that the log does not have is an error
    hand_off = leads_elsewhere(histories, settings)
    if not histories.clock:
        return _skipped("the log has positions and no times: how long users were away cannot be told")
    fewest = settings.hand_offs.minimum_users
    users = len(np.unique(histories.user_of_event[hand_off]))
    if users < fewest:
        return _skipped(f"{count(users)} users hand off; the probe needs {count(fewest)}")
    sums = sums_of_users(histories, hand_off, settings=settings)
    returning = int((sums.returned[:, -1] > 0).sum())
    if returning < fewest:
        return _skipped(
            f"{count(returning)} users return from a hand-off within the longest window; "
            f"the probe needs {count(fewest)}"
        )
    if not sums.here.any():
        return _skipped("no time is recorded here: every session is one event, and no event has a duration")
    return _measured(sums, settings=settings, rng=rng)


def statements(probed: Probed) -> tuple[Statement, ...]:
    """The share of time spent here, over the windows."""
    if isinstance(probed, Skipped):
        return ()
    share = probed.estimates["share_of_time"]
    return (
        Statement(
            probe=NAME,
            unit="time",
            scope=SCOPE,
            low=share.low,
            high=share.high,
            level=share.level,
            grade="B",
            assumption=ASSUMPTION,
        ),
    )


def sums_of_users(histories: Histories, hand_off: NDArray[np.bool_], *, settings: Settings) -> Sums:
    """What each user adds: time here and elsewhere, hand-offs and returns. `hand_off` (E,) marks events."""
    windows = 60 * np.array(settings.hand_offs.windows_minutes)
    user, until_next = histories.user_of_event, seconds_until_next(histories)
    here = np.where(hand_off, 0.0, time_here(histories, until_next, settings=settings))
    away = until_next[hand_off, None]
    back = away <= windows
    until_end = (histories.time.max() - histories.time[hand_off, None]) / MICROSECONDS_PER_SECOND
    followed = until_end >= windows
    _, visit = np.unique(np.cumsum(histories.opens_session)[hand_off], return_index=True)

    def total(values: NDArray[np.generic], whose: NDArray[np.int64]) -> Numbers:
        return user_sums(values.astype(np.float64), whose, len(histories))

    return Sums(
        here=total(here, user)[:, 0],
        elsewhere=total(np.where(back, away, 0.0), user[hand_off]),
        returned=total(back, user[hand_off]),
        hand_offs=np.bincount(user[hand_off], minlength=len(histories)).astype(np.float64),
        followed=total(followed, user[hand_off]),
        seen_again=total(followed & back, user[hand_off]),
        sessions=total(histories.opens_session, user)[:, 0],
        left=np.bincount(user[hand_off][visit], minlength=len(histories)).astype(np.float64),
    )


def _measured(sums: Sums, *, settings: Settings, rng: np.random.Generator) -> Measured:
    """Estimates and series over resamples of users."""
    minutes, drawn = settings.hand_offs.windows_minutes, _drawn(sums, rng=rng)
    shares = _by_window(_share(drawn, drawn.elsewhere))
    with np.errstate(invalid="ignore"):  # windows within which nobody returns, or that outlast the log
        all_back = drawn.elsewhere * drawn.hand_offs[:, None] / drawn.returned
        again = drawn.seen_again / drawn.followed
    scenarios = [*shares, *_by_window(_share(drawn, all_back))]
    usual = int(np.argmin(np.abs(np.array(minutes) - settings.hand_offs.usual_minutes)))
    over_all = replace(
        shares[usual], low=min(each.low for each in scenarios), high=max(each.high for each in scenarios)
    )
    named = {
        f"share_of_time_{window:g}_minutes": share for window, share in zip(minutes, shares, strict=True)
    }
    sessions = _estimate(drawn.left / drawn.sessions, unit="share of sessions")
    returned = _by_window(again)
    return Measured(
        name=NAME,
        condition="capture",
        users=int((sums.hand_offs > 0).sum()),
        estimates={"share_of_time": over_all, **named, "sessions_handing_off": sessions},
        series=(
            _series("share_of_time", shares, minutes, unit="share of active time spent here"),
            _series("returned", returned, minutes, unit="share of hand-offs that return"),
        ),
    )


def _drawn(sums: Sums, *, rng: np.random.Generator) -> Sums:
    """Totals over users, observed first, then one row for each resample."""
    blocks = [getattr(sums, each.name) for each in fields(sums)]
    flat = np.column_stack(blocks)
    totals = np.concatenate([flat.sum(axis=0, keepdims=True), resample_sums(flat, rng=rng)])
    stops = np.cumsum([block[0].size for block in blocks])
    parts = np.split(totals, stops[:-1], axis=1)
    return Sums(*(part.reshape(-1, *block.shape[1:]) for part, block in zip(parts, blocks, strict=True)))


def _share(drawn: Sums, elsewhere: Numbers) -> Numbers:
    """Share of time spent here, by window; nan where there is no time."""
    with np.errstate(invalid="ignore"):
        return np.asarray(drawn.here[:, None] / (drawn.here[:, None] + elsewhere))


def _by_window(values: Numbers) -> list[Estimate]:
    """An estimate of each window of which the log says anything; values (1 + draws, W)."""
    return [_estimate(column, unit="share of active time") for column in values.T if np.isfinite(column[0])]


def _estimate(values: Numbers, *, unit: str) -> Estimate:
    """The observed value (first) and the interval of the resamples (the rest)."""
    low, high = quantile_interval(values[1:])
    return Estimate(value=float(values[0]), low=low, high=high, unit=unit)


def _series(name: str, found: list[Estimate], minutes: tuple[float, ...], *, unit: str) -> Series:
    return Series(
        name=name,
        x=minutes[: len(found)],
        y=tuple(each.value for each in found),
        unit_x="return window in minutes",
        unit_y=unit,
        low=tuple(each.low for each in found),
        high=tuple(each.high for each in found),
    )


def _skipped(reason: str) -> Skipped:
    return Skipped(name=NAME, condition="capture", reason=reason)
