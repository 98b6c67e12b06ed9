"""Exchangeability: do same-category events of a user lie side by side more often than chance allows?

Statistic  adjacent pairs of events of one category, over all users of the log; and the same of sessions, each
           by the category it opens with.
Null       every order of a user's own events is equally likely. With N events, counts n_k,
           S2 = sum n_k (n_k - 1) and S3 = sum n_k (n_k - 1)(n_k - 2), the pairs have mean S2 / N and
           variance (S2^2 - 2 S3 - 2 S2) / (N (N - 1)) + S2 / N - S2^2 / N^2. By session: every order of whole
           sessions, which permutes the categories they open with; one category a session then says nothing.
Guard      trend_guard.py, on the sample: the same counts against orders drawn given the platform's trend.
Reference  Barton and David (1957), "Multiple runs", Biometrika 44.
Limits     docs/methods/exchangeability.md: a moving catalogue moves the closed form, by event and by session.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import fsum, sqrt

import numpy as np
from numpy.typing import NDArray

from diagnose.drift import trend_guard
from diagnose.histories import NO_CATEGORY, Histories
from diagnose.results import Estimate, Measured, Probed, Skipped
from diagnose.settings import Settings
from diagnose.stats.bootstrap import NORMAL_95

NAME = "exchangeability"
QUESTION = "Could the order of categories be chance?"

LARGEST_FAST = 46_340  # events of a user up to which the products below fit 64 bits

Sums = tuple[int, int, int, int, int, int]  # users, observed, S2, S2^2, S3, (N observed - S2)^2


@dataclass(frozen=True)
class ExchangeabilityTally:
    """Exact integer sums over the users with N categorised events, keyed by N. Tallies add up."""

    sums: Mapping[int, Sums] = field(default_factory=dict)

    def __add__(self, other: ExchangeabilityTally) -> ExchangeabilityTally:
        merged = dict(self.sums)
        for length, right in other.sums.items():
            left = merged.get(length)
            merged[length] = right if left is None else _add(left, right)
        return ExchangeabilityTally(merged)


def tally(histories: Histories, *, settings: Settings | None = None) -> ExchangeabilityTally:
    """One row of sums for each number of events N >= 2; events without a category are left out."""
    missing = histories.category == NO_CATEGORY
    known = histories.keep_events(~missing) if missing.any() else histories
    if not len(known):
        return ExchangeabilityTally()
    length, pairs, cells = known.lengths, _adjacent_pairs(known), known.category_counts
    giant = length > LARGEST_FAST
    result = _tally_giants(length, pairs, cells.user, cells.count, np.flatnonzero(giant))
    fast = np.flatnonzero(~giant & (length >= 2))
    return result + _tally_fast(length, pairs, cells.user, np.where(giant[cells.user], 0, cells.count), fast)


def tally_sessions(histories: Histories, *, settings: Settings | None = None) -> ExchangeabilityTally:
    """The same sums over sessions: each stands for the category of its first event that has one."""
    missing = histories.category == NO_CATEGORY
    known = histories.keep_events(~missing) if missing.any() else histories
    return tally(_openings(known)) if known.n_events else ExchangeabilityTally()


def _openings(known: Histories) -> Histories:
    """The first event of each session. Only its categories are right: nothing else is summed."""
    first = np.flatnonzero(known.opens_session)
    category = known.category[first]
    return replace(
        known,
        offsets=np.searchsorted(first, known.offsets),
        category=category,
        **{name: getattr(known, name)[: len(category)] for name in ("item", "time", "session", "event")},
    )


def measure(
    sums: ExchangeabilityTally,
    sessions: ExchangeabilityTally,
    sample: Histories,
    *,
    settings: Settings,
    rng: np.random.Generator,
) -> Probed:
    """z and the excess share of adjacent pairs, by event and by session, closed form and given the trend.

    `sums` and `sessions` are of the whole log, the guard and moving_users of the sample. z carries the
    interval that its own unit variance under the null gives (value +- 1.645): it holds 0 where chance
    explains the order. The interval of `excess` is the central limit over users.
    """
    users = sum(row[0] for row in sums.sums.values())
    if users < 2:
        return Skipped(name=NAME, condition="drift", reason=f"{users} users have two events with a category")
    estimates = _closed_form(sums, "")
    if not estimates:
        reason = "no user has both a repeated category and another one: every order looks the same"
        return Skipped(name=NAME, condition="drift", reason=reason)
    if sum(row[0] for row in sessions.sums.values()) >= settings.hygiene.minimum_users:
        estimates |= _closed_form(sessions, "_sessions")
    guarded, series = trend_guard.measure(sample, settings=settings, rng=rng)
    return Measured(name=NAME, condition="drift", users=users, estimates=estimates | guarded, series=series)


def _closed_form(sums: ExchangeabilityTally, suffix: str) -> dict[str, Estimate]:
    """z and excess of these sums; nothing where every order looks the same."""
    variance = fsum(_variance(length, row) for length, row in sums.sums.items())
    if variance <= 0:
        return {}
    z = fsum(_surplus(length, row) for length, row in sums.sums.items()) / sqrt(variance)
    return {
        f"z{suffix}": Estimate(value=z, low=z - NORMAL_95, high=z + NORMAL_95, unit="standard deviations"),
        f"excess{suffix}": _excess_share(sums),
    }


def _surplus(length: int, row: Sums) -> float:
    """Observed minus expected pairs of the users of one length; exact integers, one division."""
    return (length * row[1] - row[2]) / length


def _variance(length: int, row: Sums) -> float:
    """Null variance of the pairs of the users of one length: the header's formula over one bar."""
    _, _, s2, s2_squared, s3, _ = row
    return (s2_squared - 2 * length * s3 + length * (length - 3) * s2) / (length**2 * (length - 1))


def _excess_share(sums: ExchangeabilityTally) -> Estimate:
    """(observed - expected) / pairs: a ratio of user sums, its squared residuals e - r m from sums alone."""
    rows = sums.sums.items()
    users = sum(row[0] for _, row in rows)
    pairs = sum(row[0] * (n - 1) for n, row in rows)
    share = fsum(_surplus(n, row) for n, row in rows) / pairs
    squares = fsum(
        row[5] / n**2 - 2 * share * (n - 1) * _surplus(n, row) + share**2 * (n - 1) ** 2 * row[0]
        for n, row in rows
    )
    half = NORMAL_95 * sqrt(max(0.0, squares) * users / (users - 1)) / pairs
    return Estimate(value=share, low=share - half, high=share + half, unit="share")


def _add(left: Sums, right: Sums) -> Sums:
    users, observed, s2, s2_squared, s3, square = (a + b for a, b in zip(left, right, strict=True))
    return users, observed, s2, s2_squared, s3, square


def _adjacent_pairs(histories: Histories) -> NDArray[np.int64]:
    """Adjacent same-category pairs of each user, shape (U,)."""
    same = np.zeros(histories.n_events + 2, dtype=np.int32)
    np.equal(histories.category[1:], histories.category[:-1], out=same[2:-1])
    same[histories.offsets[:-1] + 1] = 0  # the first event of a user follows nobody
    running = np.cumsum(same, dtype=np.int64)
    return np.asarray(running[histories.offsets[1:]] - running[histories.offsets[:-1]])


def _tally_fast(
    length: NDArray[np.int64],
    pairs: NDArray[np.int64],
    user: NDArray[np.int64],
    count: NDArray[np.int64],
    chosen: NDArray[np.int64],
) -> ExchangeabilityTally:
    """Users whose products fit 64 bits, all at once; their sums over users in two halves of 32 bits."""
    if not len(chosen):
        return ExchangeabilityTally()
    s2 = _sum_per_user(count * (count - 1), user, len(length))[chosen]
    s3 = _sum_per_user(count * (count - 1) * (count - 2), user, len(length))[chosen]
    observed, events = pairs[chosen], length[chosen]
    columns = (np.ones_like(s2), observed, s2, s2**2, s3, (events * observed - s2) ** 2)
    lengths, group = np.unique(events, return_inverse=True)
    order = np.argsort(group, kind="stable")
    begin = np.searchsorted(group[order], np.arange(len(lengths)))
    totals = [_exact_sums(column[order], begin) for column in columns]
    rows = zip(*totals, strict=True)
    return ExchangeabilityTally(
        {int(n): (a, b, c, d, e, f) for n, (a, b, c, d, e, f) in zip(lengths, rows, strict=True)}
    )


def _sum_per_user(values: NDArray[np.int64], user: NDArray[np.int64], users: int) -> NDArray[np.int64]:
    """Integer sums over each user's cells, `user` ascending; 0 for users without one. Shape (users,)."""
    running = np.concatenate([[0], np.cumsum(values)])
    begin = np.searchsorted(user, np.arange(users + 1))
    return np.asarray(running[begin[1:]] - running[begin[:-1]], dtype=np.int64)


def _exact_sums(values: NDArray[np.int64], begin: NDArray[np.int64]) -> list[int]:
    """Sums of the groups that begin at `begin`, as Python integers: high and low 32 bits apart."""
    high = np.add.reduceat(values >> 32, begin)
    low = np.add.reduceat(values & 0xFFFF_FFFF, begin)
    return [(int(a) << 32) + int(b) for a, b in zip(high, low, strict=True)]


def _tally_giants(
    length: NDArray[np.int64],
    pairs: NDArray[np.int64],
    user: NDArray[np.int64],
    count: NDArray[np.int64],
    giants: NDArray[np.int64],
) -> ExchangeabilityTally:
    """Users so active that products leave 64 bits: Python integers, one user after another."""
    result = ExchangeabilityTally()
    for giant in giants:
        n, observed = int(length[giant]), int(pairs[giant])
        start, stop = np.searchsorted(user, [giant, giant + 1])
        counts = [int(value) for value in count[start:stop]]
        s2 = sum(k * (k - 1) for k in counts)
        s3 = sum(k * (k - 1) * (k - 2) for k in counts)
        row = (1, observed, s2, s2**2, s3, (n * observed - s2) ** 2)
        result += ExchangeabilityTally({n: row})
    return result
