"""What is declared is repeated, checked for sense, and never guessed."""

from __future__ import annotations

import pytest

from diagnose.capture.anchors import SCOPE, measure, parse_rate, statements
from diagnose.errors import UsageError
from diagnose.results import Skipped
from diagnose.settings import CaptureSettings, Settings


def declared(low, high):
    return Settings(capture=CaptureSettings(declared_low=low, declared_high=high))


def test_nothing_declared_is_skipped():
    """Without a declaration there is no statement and no number."""
    assert isinstance(measure(Settings()), Skipped)
    assert statements(Settings()) == ()


def test_a_declared_range_becomes_one_statement():
    """The range is repeated as it was given, about events, in the user's own scope and grade."""
    (found,) = statements(declared(0.05, 0.2))
    assert (found.low, found.high) == (0.05, 0.2)
    assert (found.unit, found.scope, found.grade) == ("events", SCOPE, "declared")
    rate = measure(declared(0.05, 0.2)).estimates["declared_rate"]
    assert (rate.low, rate.high) == (0.05, 0.2)


@pytest.mark.parametrize(
    "bounds", [(0.0, 0.5), (0.5, 0.2), (0.2, 1.5), (-0.1, 0.1), (float("nan"), 0.5), (None, 0.5), (0.5, None)]
)
def test_senseless_bounds_are_wrong_usage(bounds):
    """Bounds outside (0, 1], crossed, or one without the other end the command with exit code 2."""
    with pytest.raises(UsageError) as caught:
        measure(declared(*bounds))
    assert caught.value.exit_code == 2
    with pytest.raises(UsageError):
        statements(declared(*bounds))


def test_the_text_of_a_rate():
    """'0.1' is a point, '0.05:0.2' a range, as the command line takes them."""
    assert parse_rate("0.1") == (0.1, 0.1)
    assert parse_rate("0.05:0.2") == (0.05, 0.2)
