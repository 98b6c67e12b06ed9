"""No line parts what belongs together, each name is a unit, and what is cut keeps its beginning."""

from __future__ import annotations

import pytest

from diagnose.formatting import NO_BREAK
from diagnose.report import typeset


def test_numbers_and_options_stay_whole():
    """A number keeps its per cent, an option its hyphens; markup is escaped all the same."""
    shown = typeset.bound("5 % of <b> without --no-trial, a--b stays")
    assert f"5{NO_BREAK}%" in shown
    assert '<span class="nb">--no-trial</span>' in shown
    assert "&lt;b&gt;" in shown
    assert "a--b stays" in shown


def test_both_names_of_a_path_are_isolated():
    """Each of the two is an element of its own, with the arrow between them; a single name is one."""
    assert typeset.isolated("a<b → ב") == "<bdi>a&lt;b</bdi> → <bdi>ב</bdi>"
    assert typeset.isolated("books") == "<bdi>books</bdi>"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Computers → Books", "Computers → Books"),
        ("x" * 40 + " → Books", "x" * 11 + "… → Books"),
        ("x" * 40 + " → " + "y" * 40, "x" * 7 + "… → " + "y" * 7 + "…"),
        ("电" * 20, "电" * 9 + "…"),
    ],
)
def test_a_path_is_cut_to_its_room(name, shown):
    """Of two long names both are cut, of one only that; wide letters count twice."""
    words = typeset.drawn(name, widest=20).striptags()
    assert words == shown
