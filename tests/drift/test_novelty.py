"""New categories by session, and what chance gives."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from diagnose import simulate
from diagnose.drift.novelty import Novelty
from diagnose.drift.repertoire import repertoire
from diagnose.histories import Histories


def history(*users):
    """Histories of users given as lists of sessions, each a list of categories."""
    events = [[(number, c) for number, session in enumerate(user) for c in session] for user in users]
    flat = [event for user in events for event in user]
    size = len(flat)
    return Histories(
        offsets=np.cumsum([0, *(len(user) for user in events)]),
        user=np.arange(len(users), dtype=np.uint64),
        item=np.arange(size),
        category=np.array([c for _, c in flat], dtype=np.int32),
        time=np.arange(size, dtype=np.int64),
        session=np.array([number for number, _ in flat], dtype=np.int32),
        event=np.zeros(size, dtype=np.int16),
    )


def stretch(histories, start, stop, kept=None):
    seen = repertoire(histories)
    kept = np.ones(histories.n_events, dtype=bool) if kept is None else kept
    ends = (np.full(len(histories), edge) for edge in (start, stop))
    return Novelty(seen, seen.counts(kept)).between(*ends)


def test_new_events_are_counted_by_session():
    """Both events of a session that opens a category are new; coming back is not."""
    found = stretch(history([[0, 0], [0, 1], [1, 2, 2]], [[4], [4]]), 1, 3)
    assert found[:, :2].tolist() == [[5, 3], [1, 0]]


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (1, 2), (1, 4), (2, 4), (3, 9)])
def test_chance_is_the_mean_over_all_orders_of_the_sessions(start, stop):
    """The closed form against the enumeration of every order of four unlike sessions."""
    sessions = [[0, 0, 1], [1], [2, 0], [3, 3, 3, 1]]
    by_hand = np.mean([stretch(history(list(o)), start, stop)[0, 1] for o in permutations(sessions)])
    assert stretch(history(sessions), start, stop)[0, 2] == pytest.approx(by_hand)


def test_one_event_a_session_is_the_rarefaction_of_events():
    """At position r of N it is sum_k C(N - n_k, r - 1) / C(N, r - 1) * n_k / (N - r + 1)."""
    from scipy.special import comb

    categories, n = [0, 0, 0, 1, 1, 2], 6
    for r in range(1, n + 1):
        by_hand = sum(comb(n - k, r - 1) / comb(n, r - 1) * k / (n - r + 1) for k in (3, 2, 1))
        found = stretch(history([[c] for c in categories]), r - 1, r)
        assert found[0, 2] == pytest.approx(by_hand)


def test_lost_events_are_not_there():
    """What is thinned away neither opens a category nor is counted; its session keeps its number."""
    kept = np.array([False, True, True, True])
    found = stretch(history([[0], [0], [1], [0]]), 1, 4, kept)
    assert found[0, :2].tolist() == [3, 2]


def test_backwards_is_the_reversed_history():
    """Read backwards, a history's new categories are those of its sessions in reverse."""
    sessions = [[0, 0, 1], [1], [2, 0], [3, 3, 3, 1]]
    two = history(sessions, [[5], [6, 5]])
    seen, there = repertoire(two).backwards(), np.ones(two.n_events, dtype=bool)
    ends = np.array([1, 1]), np.array([4, 2])
    reverse = history(sessions[::-1], [[6, 5], [5]])
    assert Novelty(seen, seen.counts(there)).between(*ends) == pytest.approx(
        Novelty(repertoire(reverse), repertoire(reverse).counts(there)).between(*ends)
    )


def test_sticky_sessions_bring_nothing_new_beyond_chance():
    """Users of one category a session: new events lie where chance puts them, along the whole history."""
    found = stretch(simulate.histories(users=3000, events=40, sticky=True, seed=3), 5, 100).sum(axis=0)
    assert found[1] == pytest.approx(found[2], rel=0.03)
