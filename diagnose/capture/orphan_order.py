"""Does the log show that a later step needs the earlier one? If not, orphans tell nothing of what is lost.

Two nulls, each true of steps that fall on a user's events by chance, whatever is lost; a funnel must refute
both, for habits refute one of them alone.
Other events  An earlier step of the item is on record before a later step no more often than before events of
              the same user that need none (the earlier step itself and those before it). Refuted where people
              keep coming back to what they buy. By the tables of users, on the scale of log odds (Peto).
Order         Of a user's items with both steps, as many begin with a later one (of one time, with nothing
              else) as if the steps were dealt to the item's events anew: C(L, b) / C(L + E, b), with L later
              and E earlier ones, b at the first time. Refuted where a purchase ends all interest in an item.
Test          One-sided, users as the unit, beyond a margin that is no funnel yet.
Reference     Yusuf et al. (1985) on one-step odds; Good (2005), Permutation, Parametric and Bootstrap Tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.settings import OrphanSettings

Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


def in_order(
    histories: Histories, *, codes: Sequence[int], steps: tuple[int, int], settings: OrphanSettings
) -> bool:
    """Whether both nulls are refuted of two steps, places in the funnel; `codes` are its events."""
    earlier, later = (codes[step] for step in steps)
    margin = settings.least_order
    user, without, chance = orphans_by_chance(histories, earlier=earlier, later=later)
    first = np.bincount(user, (1 - margin) * chance - without, minlength=1).astype(np.float64)
    if not _beyond(first, settings.order_level):
        return False
    fewer, spread = orphans_beside_others(histories, codes[: steps[0] + 1], later=later)
    return _beyond(fewer - margin * spread, settings.order_level)


def _beyond(of_user: Numbers, level: float) -> bool:
    """Whether what users add lies above 0; (U,)."""
    return float(of_user.sum()) > NormalDist().inv_cdf(level) * float(np.sqrt((of_user**2).sum()))


def orphans_beside_others(
    histories: Histories, needless: Sequence[int], *, later: int
) -> tuple[Numbers, Numbers]:
    """Orphans of each user fewer than among events that need none, and their variance by chance; (U,) each.

    The last of `needless` is the earlier step.
    """
    user = histories.user_of_event
    one = np.isin(histories.event, (*needless, later))
    is_later, before = histories.event == later, _another_before(histories, needless[-1])

    def count(holds: NDArray[np.bool_]) -> Numbers:
        return np.bincount(user[holds & one], minlength=len(histories)).astype(np.float64)

    n, of_later, orphans, seen = count(one), count(is_later), count(~before), count(is_later & before)
    share = np.divide(orphans, n, out=np.zeros_like(n), where=n > 0)
    fewer = of_later * share - (of_later - seen)
    spread = of_later * (n - of_later) * share * (1 - share) / np.maximum(n - 1, 1)
    return fewer, spread


def _another_before(histories: Histories, earlier: int) -> NDArray[np.bool_]:
    """Whether another event of that step, user and item lies before an event or at its time; (E,)."""
    key = histories.user_of_event * max(1, histories.n_items) + histories.item
    mine = histories.event == earlier
    group, first = np.unique(key[mine], return_index=True)
    if not len(group):
        return np.zeros(len(key), dtype=bool)
    place = np.minimum(np.searchsorted(group, key), len(group) - 1)
    since, there = histories.time[mine][first][place], group[place] == key
    tied = np.bincount(place[mine & (histories.time == since)], minlength=len(group))
    return np.asarray(there & ((histories.time > since) | ((histories.time == since) & (tied[place] > mine))))


def orphans_by_chance(histories: Histories, *, earlier: int, later: int) -> tuple[Integers, Numbers, Numbers]:
    """Of items of a user with both steps: user, whether a later one is first, its chance; (n,) each."""
    ours = np.flatnonzero(np.isin(histories.event, (earlier, later)))
    key = histories.user_of_event[ours] * max(1, histories.n_items) + histories.item[ours]
    _, start, of, size = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    is_later = histories.event[ours] == later
    at_first = (
        histories.time[ours] == histories.time[ours[start]][of]
    )  # events of a user lie in order of time
    late = np.bincount(of[is_later], minlength=len(size))
    tied = np.bincount(of[at_first], minlength=len(size))
    late_there = np.bincount(of[at_first & is_later], minlength=len(size))
    both = (late > 0) & (late < size)
    chance = _all_later(late[both], size[both], tied[both])
    without = (tied == late_there)[both].astype(np.float64)
    return histories.user_of_event[ours[start[both]]], without, chance


def _all_later(late: Integers, size: Integers, tied: Integers) -> Numbers:
    """Chance that `tied` events drawn of `size`, of which `late` are later ones, are all of these."""
    chance = np.ones(len(size))
    for drawn in range(int(tied.max(initial=0))):
        left = np.maximum(late - drawn, 0) / np.maximum(size - drawn, 1)
        chance *= np.where(drawn < tied, left, 1.0)
    return chance
