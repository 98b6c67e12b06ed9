"""The closest peer, written fresh: how many sequential rules does shuffling destroy?

An n-gram is n neighbouring events of one user. It is a rule if it occurs more than 5 times and more often
than in 0.1 of the occurrences of its first n - 1 events (as an (n - 1)-gram). Rules are counted in the log
and after the events of every user are shuffled; a log whose rules vanish is sequential.

Reference  Klenitskiy, Volodkevich, Pembek, Vasilev (2024), "Does It Look Sequential?", RecSys, arXiv
           2408.12008: 2- and 3-grams of items, five shuffles, told as the relative change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import NO_CATEGORY, Histories

SUPPORT, CONFIDENCE = 5, 0.1  # both to be exceeded
SHUFFLES = 5

Integers = NDArray[np.int64]


def counts(histories: Histories, *, rng: np.random.Generator) -> dict[str, list[float]]:
    """Rules in the log and after shuffling (mean), by kind: '2-grams of items', ..."""
    named = histories.keep_events(histories.category != NO_CATEGORY)
    found = {}
    for what, seen, code in (
        ("items", histories, histories.item),
        ("categories", named, named.category.astype(np.int64)),
    ):
        user = seen.user_of_event
        shuffled = [code[np.lexsort((rng.random(len(user)), user))] for _ in range(SHUFFLES)]
        for n in (2, 3):
            after = [rules(each, user, n=n) for each in shuffled]
            found[f"{n}-grams of {what}"] = [float(rules(code, user, n=n)), float(np.mean(after))]
    return found


def rules(code: Integers, user: Integers, *, n: int) -> int:
    """How many n-grams are rules. Events (E,) in order, users one after another."""
    size = int(code.max(initial=0)) + 1
    gram, times = _grams(code, user, n=n, size=size)
    stem, stem_times = _grams(code, user, n=n - 1, size=size)
    if not len(gram):
        return 0
    of_stem = stem_times[np.searchsorted(stem, gram // size)]
    return int(((times > SUPPORT) & (times > CONFIDENCE * of_stem)).sum())


def change(before: float, after: float) -> float:
    """Rules after shuffling over rules before, less 1: -1 where all vanish; 0 where there were none."""
    return after / before - 1 if before else 0.0


def _grams(code: Integers, user: Integers, *, n: int, size: int) -> tuple[Integers, Integers]:
    """Every n-gram that occurs, as one number, ascending, and how often."""
    ends = len(code) - n + 1
    if ends < 1:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    gram = np.zeros(ends, dtype=np.int64)
    for place in range(n):
        gram = gram * size + code[place : place + ends]
    values, times = np.unique(gram[user[:ends] == user[n - 1 :]], return_counts=True)
    return values, times
