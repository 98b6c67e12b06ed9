"""What makes a direction a path, and how strong it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnose import simulate
from diagnose.drift import transitions
from diagnose.drift.direction import steps_between, with_top_categories
from diagnose.drift.path_strength import Usage, lift, lift_intervals, path_of_step, paths, whole_log_lift
from diagnose.settings import Settings

LIMITS = Settings().paths


def directed(share=0.1, users=1000, **knobs):
    return with_top_categories(
        simulate.histories(users=users, events=30, directed=share, seed=4, **knobs), 100
    )


def test_lift_by_hand():
    """Changes happen half as often as chance has it; a to b as often as chance: a lift of two."""
    counts = np.array([[50, 10], [10, 50]])
    expected = np.array([[0.0, 10.0], [30.0, 0.0]])
    assert lift(counts, expected) == pytest.approx(np.array([[0, 2.0], [2 / 3, 0]]))


def test_lift_of_what_chance_never_brings_is_zero():
    """Two categories that no user shares have no lift."""
    assert lift(np.zeros((2, 2), dtype=np.int64), np.zeros((2, 2))).tolist() == [[0, 0], [0, 0]]


def test_sticky_users_do_not_lower_a_lift():
    """Each event doubled: half the steps are none any more, and the lifts stay where they were."""
    histories = directed()
    doubled = replace(
        histories,
        offsets=histories.offsets * 2,
        **{
            name: np.repeat(getattr(histories, name), 2)
            for name in ("item", "category", "time", "session", "event")
        },
    )
    one, two = (lift(steps_between(h).counts, Usage.of(h).expected()) for h in (histories, doubled))
    top = one > 2
    assert two[top] == pytest.approx(one[top], rel=0.03)


def test_expected_steps_agree_with_the_whole_log_sums():
    """The same formula, in floats here and in integers there."""
    histories = directed()
    table = transitions.tally(histories).expected[:30, :30] / transitions.UNIT
    np.fill_diagonal(table, 0)
    assert Usage.of(histories).expected() == pytest.approx(table, rel=1e-4)


def test_expected_by_user_adds_up():
    """Cells by user sum to the table, and the sum over all unlike pairs likewise."""
    usage = Usage.of(directed())
    cells, together = usage.expected_by_user(np.array([0, 3]), np.array([1, 2]))
    table = usage.expected()
    assert cells.sum(axis=0) == pytest.approx(table[[0, 3], [1, 2]])
    assert together.sum() == pytest.approx(table.sum())


def test_a_thin_flow_is_no_path():
    """Three in a hundred steps along a cycle: sure directions, yet below one in twenty and not told."""
    histories = directed(0.03, users=3000)
    steps, expected = steps_between(histories), Usage.of(histories).expected()
    thin = paths(steps, expected, LIMITS)
    every = paths(steps, expected, replace(LIMITS, floor_share=0.0))
    assert len(thin) < 5
    assert len(every) > 20


def test_a_path_of_few_users_is_not_told():
    """Asked for more users than any path has, there is none."""
    histories = directed()
    steps, expected = steps_between(histories), Usage.of(histories).expected()
    assert len(paths(steps, expected, LIMITS)) > 20
    most = int(steps.step_users.max())
    assert len(paths(steps, expected, replace(LIMITS, minimum_users=most + 1))) == 0


def test_the_strongest_path_comes_first():
    """Paths are told by the number of steps that direction explains."""
    histories = directed()
    found = paths(steps_between(histories), Usage.of(histories).expected(), LIMITS)
    assert (np.diff(found.surplus) <= 0).all()


def test_steps_know_their_path():
    """A step along a path, one back, and one elsewhere."""
    histories = directed()
    steps = steps_between(histories)
    found = paths(steps, Usage.of(histories).expected(), LIMITS)
    path, along = path_of_step(steps, found)
    for number in range(3):
        cell = found.source[number], found.target[number]
        assert (along & (path == number)).sum() == steps.counts[cell]
        assert (~along & (path == number)).sum() == steps.counts[cell[::-1]]
    assert not along[path < 0].any()


def test_the_interval_of_a_lift_holds_its_value():
    """Resampled users scatter round the value, and less where there are more of them."""
    widths = []
    for users in (600, 2400):
        histories = directed(users=users)
        steps, usage = steps_between(histories), Usage.of(histories)
        found = paths(steps, usage.expected(), LIMITS).first(5)
        low, high = lift_intervals(steps, usage, found, draws=200, rng=np.random.default_rng(0))
        value = lift(steps.counts, usage.expected())[found.source, found.target]
        assert ((low < value) & (value < high)).all()
        widths.append(np.mean((high - low) / value))
    assert widths[1] == pytest.approx(widths[0] / 2, rel=0.3)


def test_whole_log_lifts_are_found_by_name():
    """The whole log has codes of its own: its lift of a path is the sample's where both are the same log."""
    histories = directed()
    order = np.argsort(-np.bincount(histories.category))
    code = np.argsort(order).astype(np.int32)
    coded = histories.with_categories(code[histories.category], tuple(histories.categories[k] for k in order))
    table = lift(steps_between(histories).counts, Usage.of(histories).expected())
    a, b = histories.categories[4], histories.categories[7]
    found = whole_log_lift(transitions.tally(coded), [(a, b), (a, "never met")])
    assert found == {0: pytest.approx(table[4, 7], rel=1e-4)}
