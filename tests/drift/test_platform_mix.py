"""The order that a moving platform favours."""

from __future__ import annotations

import numpy as np
import pytest

from diagnose import simulate
from diagnose.drift.platform_mix import platform_mix


def test_the_order_favoured_is_the_one_seen_more_often():
    """Under a strong trend the log-odds tell how often unlike events of a user have the order they have."""
    histories = simulate.histories(users=1500, events=30, trend=2.0, seed=1)
    mix = platform_mix(histories)
    first = np.flatnonzero(histories.rank < 15)
    second = first + 15  # half a history apart
    unlike = histories.category[first] != histories.category[second]
    first, second = first[unlike], second[unlike]
    favoured = mix.favoured(first, second, user=histories.user_of_event[first])
    strong = np.abs(favoured) > 1
    assert (favoured[strong] > 0).mean() == pytest.approx(
        (1 / (1 + np.exp(-np.abs(favoured[strong])))).mean(), abs=0.02
    )


def test_favoured_order_hangs_on_what_happened_when_and_not_on_who_is_named_first():
    """Two events have one order, whichever of them is given first."""
    histories = simulate.histories(users=200, events=20, trend=1.0, seed=2)
    mix, user = platform_mix(histories), np.arange(200)
    one, other = histories.offsets[:-1] + 3, histories.offsets[:-1] + 12
    assert np.allclose(mix.favoured(one, other, user=user), mix.favoured(other, one, user=user))
