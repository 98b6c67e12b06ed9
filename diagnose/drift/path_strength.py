"""Which directions are paths, and how strong a path is.

Lift      How often b follows a over what the order of chance gives, as a multiple of the same for all changes
          of interest: (n_ab / e_ab) / (n / e). e_ab is the sum over users of n_a n_b / N: every order of the
          user's own events equally likely. Without the second ratio every lift would be below 1 wherever
          interests last, or ties hide steps. 1 means: as often as any other change.
Path      A direction that is found, with a lift above 1 and a surplus that matters among the steps away from
          a. Where paths end, users turn to their usual tastes: many thin flows back to where paths begin, as
          truly one-way as the paths, and of no use to anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.direction import Steps
from diagnose.drift.symmetry import pair_tests
from diagnose.drift.transitions import TransitionTally
from diagnose.histories import Histories
from diagnose.results import Estimate
from diagnose.settings import PathSettings
from diagnose.stats.bootstrap import bootstrap, quantile_interval, resample_sums

if TYPE_CHECKING:
    from scipy import sparse

Indices = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Paths:
    """Found paths, the largest surplus first; (P,) each."""

    source: Indices
    target: Indices
    surplus: Numbers  # steps that direction explains
    p_adjusted: Numbers
    tested: int  # pairs

    def __len__(self) -> int:
        return len(self.source)

    def first(self, most: int) -> Paths:
        """The strongest of them."""
        return Paths(
            self.source[:most], self.target[:most], self.surplus[:most], self.p_adjusted[:most], self.tested
        )


@dataclass(frozen=True, eq=False)
class Usage:
    """How often each user met each category that stands alone, and its events in all."""

    counts: sparse.csc_array  # (users, K)
    events: Indices  # (users,)

    @classmethod
    def of(cls, histories: Histories) -> Usage:
        """The usage of histories whose events all have a category, a name for those that stand alone."""
        from scipy import sparse  # heavy, and `--help` must not wait for it

        cells = histories.category_counts
        shape = (len(histories), int(cells.category.max()) + 1)
        counts = sparse.coo_array((cells.count.astype(np.float64), (cells.user, cells.category)), shape=shape)
        return cls(sparse.csc_array(counts)[:, : len(histories.categories)], histories.lengths)

    def expected(self, users: NDArray[np.bool_] | None = None) -> Numbers:
        """Steps between unlike categories by chance, over all users or those of a mask, (K, K)."""
        from scipy import sparse  # heavy, and `--help` must not wait for it

        weight = 1 / np.maximum(self.events, 1)
        weight = weight if users is None else weight * users
        table = (self.counts.T @ sparse.diags_array(weight) @ self.counts).toarray()
        np.fill_diagonal(table, 0)
        return np.asarray(table)

    def expected_by_user(self, source: Indices, target: Indices) -> tuple[Numbers, Numbers]:
        """The same by user for some cells, (users, P), and for all unlike pairs together, (users,)."""
        events = np.maximum(self.events, 1)
        cells = self.counts[:, source].multiply(self.counts[:, target]).toarray() / events[:, None]
        alone = self.counts.sum(axis=1)
        return cells, (alone**2 - (self.counts**2).sum(axis=1)) / events


def paths(steps: Steps, expected: Numbers, limits: PathSettings) -> Paths:
    """The paths among the steps of some users; `expected` (K, K) of the same users."""
    tests = pair_tests(steps, minimum_users=limits.minimum_users)
    cells = tests.source, tests.target
    share = tests.surplus / np.maximum(steps.counts.sum(axis=1)[tests.source], 1)
    found = tests.p_adjusted < limits.false_discovery
    found &= (share >= limits.floor_share) & (lift(steps.counts, expected)[cells] > 1)
    found &= steps.step_users[cells] >= limits.minimum_users
    order = np.flatnonzero(found)[np.argsort(-tests.surplus[found], kind="stable")]
    return Paths(
        source=tests.source[order],
        target=tests.target[order],
        surplus=tests.surplus[order],
        p_adjusted=tests.p_adjusted[order],
        tested=len(tests.z),
    )


def lift(counts: Indices, expected: Numbers) -> Numbers:
    """The lift of every cell of two tables whose diagonals do not count, (K, K); 0 where none is expected."""
    off = ~np.eye(len(counts), dtype=bool)
    usual = max(float(counts[off].sum()), 1.0) / max(float(expected[off].sum()), 1e-12)
    return np.where(expected > 0, counts / np.where(expected > 0, expected * usual, 1.0), 0.0)


def lift_intervals(
    steps: Steps, usage: Usage, found: Paths, *, draws: int, rng: np.random.Generator
) -> tuple[Numbers, Numbers]:
    """The 90 % interval of each path's lift, whole users resampled; (P,) each."""
    by_chance, all_by_chance = usage.expected_by_user(found.source, found.target)
    seen, all_seen = _steps_by_user(steps, found), np.bincount(steps.user, minlength=steps.users)
    sums = np.column_stack([seen, by_chance, all_seen, all_by_chance])
    totals, count = resample_sums(sums, rng=rng, draws=draws), len(found)
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = totals[:, -2] / totals[:, -1]
        lifts = totals[:, :count] / totals[:, count : 2 * count] / usual[:, None]
    low, high = zip(*(quantile_interval(column) for column in lifts.T), strict=True)
    return np.array(low), np.array(high)


def directed_share(
    steps: Steps, usage: Usage, half: NDArray[np.bool_], *, limits: PathSettings, rng: np.random.Generator
) -> Estimate:
    """Surplus on paths over all steps: paths of one half of the users (a mask), surplus of the other."""
    surplus = np.zeros(steps.users)
    for users in (half, ~half):
        found = paths(steps.of(users), usage.expected(users), limits)
        surplus += np.where(users, 0.0, _surplus_by_user(steps, found))
    sums = np.column_stack([surplus, np.bincount(steps.user, minlength=steps.users)])
    return bootstrap(
        sums, lambda totals: totals[:, 0] / totals[:, 1], unit="share", rng=rng, draws=limits.draws
    )


def whole_log_lift(tally: TransitionTally, names: list[tuple[str, str]]) -> dict[int, float]:
    """The lift of named paths over the whole log, by place in `names`, where it has both by themselves."""
    code = {name: at for at, name in enumerate(tally.names)}
    size = len(code)
    table = lift(tally.observed[:size, :size], tally.expected[:size, :size].astype(np.float64))
    known = {at: pair for at, pair in enumerate(names) if pair[0] in code and pair[1] in code}
    return {at: float(table[code[a], code[b]]) for at, (a, b) in known.items()}


def path_of_step(steps: Steps, found: Paths) -> tuple[Indices, NDArray[np.bool_]]:
    """For each step the path between its two categories, -1 for none, and whether it goes along it."""
    number = np.full((steps.categories, steps.categories), -1, dtype=np.int64)
    number[found.target, found.source] = number[found.source, found.target] = np.arange(len(found))
    path = number[steps.source, steps.target]
    return path, (path >= 0) & (steps.source == np.append(found.source, -1)[path])


def _surplus_by_user(steps: Steps, found: Paths) -> Numbers:
    path, along = path_of_step(steps, found)
    signed = np.where(path < 0, 0.0, np.where(along, steps.surplus, -steps.surplus))
    return np.asarray(np.bincount(steps.user, signed, minlength=steps.users), dtype=np.float64)


def _steps_by_user(steps: Steps, found: Paths) -> Numbers:
    """Steps of each user along each path, (users, P)."""
    path, along = path_of_step(steps, found)
    cell = steps.user[along] * len(found) + path[along]
    table = np.bincount(cell, minlength=steps.users * len(found)).reshape(steps.users, len(found))
    return table.astype(np.float64)
