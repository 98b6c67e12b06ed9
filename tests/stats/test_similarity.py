"""Chao's abundance Jaccard: the published formula, for many users at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.stats.similarity import chao_jaccard

counts = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12)


def one_user(first, second):
    first, second = np.array(first), np.array(second)
    return float(chao_jaccard(first, second, user=np.zeros(len(first), np.int64), users=1)[0])


def plainly(first, second):
    """Equations 5 to 9 of Chao et al. (2005), category by category."""

    def share(mine, other):
        n, m, seen, once = sum(mine), sum(other), 0, 0
        singles = doubles = 0
        for x, y in zip(mine, other, strict=True):
            if x > 0 and y > 0:
                seen += x
                singles += y == 1
                doubles += y == 2
                once += x if y == 1 else 0
        return min(1.0, seen / n + (m - 1) / m * singles / (2 * max(doubles, 1)) * once / n)

    u, v = share(first, second), share(second, first)
    return u * v / (u + v - u * v) if u and v else 0.0


def test_a_case_worked_by_hand():
    """Shared: 1 and 2, 4 and 3, 7 and 6 events. U = 12/20, none is single on the second side;
    V = 11/13 + 19/20 * 1/2 * 2/13, for one is single on the first and none double. U V / (U + V - U V).
    """
    u, v = 0.6, 11 / 13 + 0.95 * 0.5 * 2 / 13
    found = one_user([1, 0, 4, 3, 5, 0, 0, 7], [2, 1, 3, 0, 0, 1, 0, 6])
    assert found == pytest.approx(u * v / (u + v - u * v))
    assert found == pytest.approx(0.56996, abs=1e-5)


def test_doubles_count_and_the_share_stops_at_one():
    """f(+1) / (2 f(+2)) with two singles and one double is 1; a share above 1 becomes 1."""
    assert one_user([2, 2, 2, 4], [1, 1, 2, 0]) == pytest.approx(plainly([2, 2, 2, 4], [1, 1, 2, 0]))
    assert one_user([1, 1, 1], [1, 1, 1]) == 1.0


@given(counts)
def test_the_array_form_is_the_published_formula(pairs):
    """Cell by cell or all at once: the same number; nan only where a sample is empty."""
    first, second = zip(*pairs, strict=True)
    found = one_user(first, second)
    if sum(first) == 0 or sum(second) == 0:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(plainly(first, second))
        assert 0 <= found <= 1


@given(counts)
def test_symmetric_and_one_on_itself(pairs):
    """The order of the samples does not matter, and a repertoire is wholly like itself."""
    first, second = zip(*pairs, strict=True)
    if sum(first) and sum(second):
        assert one_user(first, second) == pytest.approx(one_user(second, first))
        assert one_user(first, first) == 1.0


def test_nothing_shared_is_zero():
    """Repertoires without a common category have similarity 0, however many are unseen."""
    assert one_user([1, 1, 0, 0], [0, 0, 1, 1]) == 0.0


def test_users_do_not_touch_each_other():
    """Many users at once, cells in any order, give what each gives alone; a user without cells has none."""
    rng = np.random.default_rng(0)
    first, second, user = rng.integers(0, 4, 60), rng.integers(0, 4, 60), rng.integers(0, 5, 60)
    together = chao_jaccard(first, second, user=user, users=6)
    alone = [one_user(first[user == u], second[user == u]) for u in range(5)]
    assert together[:5] == pytest.approx(alone)
    assert np.isnan(together[5])


def test_the_unseen_share_is_made_good():
    """Two samples of 20 from one even repertoire of 20 categories: more than half of what the seen ones
    alone fall short of 1 is made good.
    """
    rng = np.random.default_rng(1)
    first, second = (rng.multinomial(20, np.full(20, 0.05), 500).ravel() for _ in range(2))
    user = np.repeat(np.arange(500), 20)
    corrected = chao_jaccard(first, second, user=user, users=500).mean()
    shared = (first > 0) & (second > 0)
    u, v = (np.bincount(user, n * shared) / 20 for n in (first, second))
    assert (u * v / (u + v - u * v)).mean() < 0.5
    assert corrected > 0.75
