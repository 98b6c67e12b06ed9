"""Every identifier has plain words, every number its unit, every row a safe line."""

from __future__ import annotations

import math
import typing

import pytest
from example import OUTCOMES, hostile, not_measurable, recency_is_enough
from hypothesis import given
from hypothesis import strategies as st

from diagnose.budgets import BUDGETS
from diagnose.formatting import MINUS, NO_BREAK, fixed, signed
from diagnose.report import summary, units, visible, words
from diagnose.results import Estimate, Outcome

NEVER = {"\x00", "\x1b", "\x9b", "\u202e", "\u2066", "\ud800", "\n", "\r"}


def test_every_outcome_and_arm_has_words():
    """No outcome and no arm of any budget is shown by its identifier alone."""
    assert set(words.OUTCOMES) == set(typing.get_args(Outcome))
    assert {arm for budget in BUDGETS.values() for arm in budget.arms} == set(words.ARMS)


def test_what_rounds_to_zero_has_no_minus():
    """A minus before 0.00 would be read as a loss."""
    assert (fixed(-0.00001, 2), fixed(-0.0, 2), fixed(-1234.5, 1)) == ("0.00", "0.00", f"{MINUS}1,234.5")
    assert (signed(-0.00001), signed(-0.0012)) == ("+0.0000", f"{MINUS}0.0012")


def test_an_unknown_identifier_is_spelt_out():
    """A number without words in the table is shown by its own name."""
    assert words.label("weekly_wobble") == "weekly wobble"


@pytest.mark.parametrize(
    ("numbers", "unit", "said"),
    [
        ((0.091, 0.088, 0.094), "share", "9.1 % (8.8 to 9.4)"),
        ((0.12, 0.08, 0.17), "share", "12 % (8 to 17)"),
        ((2.9, 2.5, 3.4), "days", "2.9 days (2.5 to 3.4)"),
        ((0.0008, -0.0002, 0.0018), "gain", f"+0.0008 GAUC ({MINUS}0.0002 to +0.0018)"),
        ((0.311, 0.301, 0.321), "bits/event", "0.311 bits an event (0.301 to 0.321)"),
        ((0.714, 0.712, 0.716), "share of requests", "71.4 % of requests (71.2 to 71.6)"),
        ((math.nan, 20, math.nan), "days", "at least 20 days"),
        ((5, math.nan, math.nan), "days", "5.0 days (no interval)"),
    ],
)
def test_estimates_are_said_with_their_unit(numbers, unit, said):
    """Decimals follow the interval, differences carry a sign, one-sided intervals say so."""
    value, low, high = numbers
    shown = units.whole(Estimate(value=value, low=low, high=high, unit=unit))
    assert shown.replace(NO_BREAK, " ") == said


@given(st.text(max_size=50))
def test_what_is_visible_is_harmless_and_stable(text):
    """No control or bidirectional character passes, and what passed once passes unchanged."""
    shown = visible(text)
    assert not NEVER & set(shown)
    assert visible(shown) == shown


def test_two_names_stay_two_names():
    """Names that differ in an unseen character are shown as different."""
    assert visible("a\x00b") != visible("ab")
    assert visible("a\u202eb") == "a\\u202eb"
    assert visible("x" * 700, longest=10) == "xxxxxxxxxx… (700 characters)"


@pytest.mark.parametrize("make", [*OUTCOMES.values(), hostile])
def test_the_terminal_gets_four_numbers(make):
    """The end names four numbers, and no character of a log can command the terminal."""
    said = summary(make())
    assert len(said.numbers) == 4
    assert all(line.name and line.value and line.behind is not None for line in said.numbers)
    assert said.outcome in words.OUTCOMES
    assert not NEVER & set(str(said).replace("\\n", "\n"))


def test_the_terminal_says_what_was_not_measured():
    """A skipped number is told as such, with its reason; a measured one with its interval."""
    told = {line.name: line for line in summary(not_measurable()).numbers}["Interests move"]
    assert told.value == "not measured"
    assert told.behind.startswith("Order is not in the log")
    half_life = {line.name: line for line in summary(recency_is_enough()).numbers}["Interests move"]
    assert (half_life.value, half_life.behind) == ("2.9 days", "half-life, 2.5 to 3.4")
    assert (half_life.glyph, half_life.stance) == ("▲", "for")
