"""The time left over a whole run: sensible from the first second, and without jumps."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from diagnose.course import Course, roughly

PLAN = {"reading": 3.0, "drift": 30.0, "losses": 20.0, "trial": 300.0}
TICK = 0.5


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def _run(truth: dict[str, float], *, jobs: int = 30, taken_over: int = 0) -> Iterator[tuple[float, float]]:
    """(seconds truly left, seconds shown) at each tick; the trial tells of every job that ends."""
    clock = Clock()
    course = Course(clock)
    course.expect(PLAN)
    total, gone = sum(truth.values()), 0.0
    for stage, seconds in truth.items():
        course.begin(stage)
        if stage == "trial" and taken_over:
            course.advance(taken_over / jobs)
        ended, left_jobs = 0, jobs - taken_over
        for tick in range(int(seconds / TICK)):
            clock.now += TICK
            gone += TICK
            if stage == "trial" and (tick + 1) * TICK >= (ended + 1) * seconds / left_jobs:
                ended += 1
                course.advance((taken_over + ended) / jobs)
            shown = course.left()
            assert shown is not None
            yield total - gone, shown


PACES = {
    "as planned": PLAN,
    "three times as slow": {stage: 3 * seconds for stage, seconds in PLAN.items()},
    "three times as fast": {stage: seconds / 3 for stage, seconds in PLAN.items()},
    "slow probes, quick trial": {"reading": 10.0, "drift": 120.0, "losses": 60.0, "trial": 150.0},
    "quick probes, slow trial": {"reading": 1.0, "drift": 10.0, "losses": 5.0, "trial": 600.0},
    "a trial that is not run": {"reading": 3.0, "drift": 30.0, "losses": 20.0, "trial": 1.0},
}


@pytest.mark.parametrize("pace", PACES)
def test_the_time_shown_never_jumps(pace):
    """From tick to tick it moves by no more than 3 % of itself a second beside the clock, up or down."""
    shown = [value for _, value in _run(PACES[pace])]
    for before, after in pairwise(shown):
        most = TICK * max(1.0, 0.03 * before) + 1e-6
        assert -TICK - most <= after - before <= most


@pytest.mark.parametrize("pace", [name for name in PACES if name != "a trial that is not run"])
def test_the_time_shown_comes_to_the_truth(pace):
    """In the last quarter of a run it is right within a third, whatever the machine's pace."""
    told = list(_run(PACES[pace]))
    for true, shown in told[3 * len(told) // 4 :]:
        assert abs(shown - true) <= 0.35 * true + 12, (true, shown)


def test_at_first_the_plan_is_believed():
    """In the first second what is shown is what all stages usually take together."""
    _, shown = next(_run(PLAN))
    assert shown == pytest.approx(353 - TICK, abs=3)


def test_what_was_taken_over_does_not_make_the_rest_look_quick():
    """Twenty of thirty trainings out of a folder: ten are left, at the pace at which trainings go."""
    truth = {"reading": 3.0, "drift": 30.0, "losses": 20.0, "trial": 100.0}
    told = list(_run(truth, taken_over=20))
    for true, shown in told[-160:]:
        assert abs(shown - true) <= 0.4 * true + 15, (true, shown)


def test_a_stage_that_should_be_over_is_given_more_time():
    """Where a stage tells nothing and takes longer than planned, what is left never is nothing."""
    clock = Clock()
    course = Course(clock)
    course.expect({"drift": 30.0})
    course.begin("drift")
    left = []
    for _ in range(400):
        clock.now += TICK
        left.append(course.left())
    assert min(left) >= 0
    assert min(left[120:]) > 1
    assert left[-1] > 5


def test_the_share_of_the_run_grows_to_the_whole():
    """The bar never falls back far and ends full."""
    clock = Clock()
    course = Course(clock)
    course.expect(PLAN)
    shares = []
    for stage, seconds in PACES["three times as slow"].items():
        course.begin(stage)
        for _ in range(int(seconds)):
            clock.now += 1
            shares.append(course.share())
    assert all(after > before - 0.02 for before, after in pairwise(shares))
    assert shares[-1] > 0.9


def test_without_a_plan_nothing_is_promised():
    """A command that planned no stages has no time left to show."""
    course = Course(Clock())
    course.begin("inspect")
    course.advance(0.5)
    assert course.left() is None
    assert course.share() is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (4, "a few seconds left"),
        (31, "about 40 s left"),
        (58, "about 1 min left"),
        (200, "about 3 min left"),
        (10_800, "about 3 h left"),
    ],
)
def test_time_is_told_no_finer_than_it_is_known(seconds, said):
    """Seconds by ten, minutes whole, hours with a half."""
    assert roughly(seconds) == said
