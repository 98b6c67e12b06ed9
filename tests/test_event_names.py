"""Events that the user of the tool names: found, or all that is wrong told at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.errors import UsageError
from diagnose.schema import funnel_codes, hand_off_codes

EVENTS = ("cart", "purchase", "view")


def test_steps_become_codes_in_their_order():
    """The order is that of the funnel, not that of the log's names."""
    assert funnel_codes(EVENTS, ("view", "cart", "purchase")).tolist() == [2, 0, 1]
    assert hand_off_codes(EVENTS, ("view", "cart", "view")).tolist() == [2, 0]


def test_every_fault_of_a_funnel_is_told_at_once():
    """Two misspelt steps and one named twice: one message, with the names that were meant."""
    with pytest.raises(UsageError) as caught:
        funnel_codes(EVENTS, ("veiw", "cart", "cart", "purchas"))
    for told in ("cart is named twice", "no event veiw", "no event purchas", "--funnel view,cart,purchase"):
        assert told in str(caught.value)


def test_one_step_is_no_funnel():
    """A step without an earlier one has no orphans."""
    with pytest.raises(UsageError, match="at least two steps"):
        funnel_codes(EVENTS, ("view",))


def test_a_log_without_events_says_how_to_name_the_column():
    """Neither option means anything where no column says what kind of event a row is."""
    for codes in (funnel_codes, hand_off_codes):
        with pytest.raises(UsageError, match="--column event=NAME"):
            codes((), ("view", "cart"))


def test_unknown_hand_offs_are_answered_with_those_meant():
    """Each unknown event is told with the nearest of the log."""
    with pytest.raises(UsageError, match="--handoff view --handoff cart"):
        hand_off_codes(EVENTS, ("views", "carts"))


@given(st.lists(st.text(max_size=8), max_size=5), st.lists(st.text(max_size=8), max_size=5))
def test_any_names_end_in_codes_or_in_our_error(events, names):
    """Whatever events are called, the answer is codes of these names or a message safe for a terminal."""
    events = sorted(set(events))
    for codes in (funnel_codes, hand_off_codes):
        known = bool(events) and set(names) <= set(events)
        if known and (codes is hand_off_codes or len(names) == len(set(names)) > 1):
            assert [events[code] for code in codes(events, names)] == list(dict.fromkeys(names))
        elif names or codes is funnel_codes or not events:
            with pytest.raises(UsageError) as caught:
                codes(events, names)
            assert "\x1b" not in str(caught.value)
