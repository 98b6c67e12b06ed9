"""Charts put numbers where they belong."""

from __future__ import annotations

import dataclasses
import math
import re

import pytest
from example import persistence
from hypothesis import given
from hypothesis import strategies as st

from diagnose.report.charts import quadrant, rows
from diagnose.report.charts.persistence import Curve, half_life
from diagnose.report.svg import Scale, nice_ticks, percent, tag, text, whisker
from diagnose.results import Estimate, Flip

FINITE = st.floats(-1e6, 1e6)


@given(low=FINITE, width=st.floats(1e-3, 1e6), value=st.floats(allow_nan=False))
def test_no_place_lies_off_the_axis(low, width, value):
    """Any number, infinite ones too, lands between the ends of its axis."""
    assert 0 <= Scale(low, low + width)(value) <= 100
    assert 0 <= Scale(low, low + width, 200, flip=True)(value) <= 200


def test_a_scale_is_read_both_ways():
    """Ends, middles, a flipped axis and a log axis are where a ruler would put them."""
    assert Scale(0, 10)(2.5) == 25
    assert Scale(0, 10, 200, flip=True)(2.5) == 150
    assert Scale(1, 100, log=True)(10) == pytest.approx(50)


@given(low=FINITE, width=st.floats(1e-3, 1e6))
def test_ticks_are_few_and_inside(low, width):
    """Between one and eleven round ticks, in order, none beyond the axis."""
    ticks = nice_ticks(low, low + width)
    assert 1 <= len(ticks) <= 11
    assert ticks == sorted(ticks)
    slack = width * 1e-6 + abs(low) * 1e-9
    assert low - slack <= ticks[0]
    assert ticks[-1] <= low + width + slack


@pytest.mark.parametrize(
    ("place", "written"), [(12.5, "12.5%"), (100.0, "100%"), (0, "0%"), (-0.0001, "0%"), (33.333, "33.33%")]
)
def test_percentages_are_short(place, written):
    """No trailing zeros and no negative zero."""
    assert percent(place) == written


def test_labels_and_attributes_are_escaped():
    """Strings cannot leave their element or attribute."""
    assert text((0, 0), "<b>&") == '<text x="0" y="0">&lt;b&gt;&amp;</text>'
    assert tag("g", aria_label='"><script>') == '<g aria-label="&#34;&gt;&lt;script&gt;"></g>'


def test_an_unbounded_interval_reaches_the_edge():
    """Where no upper end is known the bar runs to the end of the axis; without a value there is no dot."""
    drawn = whisker(Scale(0, 10), (5, math.nan, math.nan), 12, "log")
    assert 'x1="50%"' in drawn
    assert 'x2="100%"' in drawn
    assert "<circle" not in drawn


def _place(**known):
    return quadrant.Place(**{"low": 0.1, "high": 0.3, "identified": True, "half_life": None, **known})


def test_a_known_log_is_a_point_and_an_unknown_one_an_area():
    """Hatching is drawn exactly where one of the two numbers is missing."""
    known = Estimate(value=3, low=2, high=4, unit="days")
    assert "hatch" not in quadrant.quadrant(_place(half_life=known), "label")
    assert 'cx="20%"' in quadrant.quadrant(_place(half_life=known), "label")
    for missing in (
        _place(),
        _place(half_life=known, low=0.0, high=1.0, identified=False),
        _place(still=True),
    ):
        assert "url(#hatch)" in quadrant.quadrant(missing, "label")


def test_a_half_life_without_upper_end_is_an_area_down_to_the_edge():
    """A bound is drawn as the whole range it leaves open."""
    bound = Estimate(value=math.nan, low=20, high=math.nan, unit="days")
    drawn = quadrant.quadrant(_place(half_life=bound), "label")
    (top, height) = map(float, re.findall(r'y="([\d.]+)" width="20%" height="([\d.]+)" fill', drawn)[0])
    assert top + height == pytest.approx(quadrant.HEIGHT, abs=0.2)


def test_the_flip_zone_lies_beyond_the_threshold():
    """Shaded is the side on which the verdict changes."""
    flip = Flip(
        quantity="lift",
        now=1,
        low=0.5,
        high=1.5,
        threshold=4,
        side="above",
        outcome="inconclusive",
        axis_low=0,
        axis_high=8,
    )
    assert 'x="50%" y="22%" width="50%"' in rows.flip_strip(flip, "label")
    below = dataclasses.replace(flip, side="below")
    assert 'x="0%" y="22%" width="50%"' in rows.flip_strip(below, "label")
    assert rows.flip_strip(
        dataclasses.replace(flip, axis_low=math.nan, axis_high=math.nan, now=None), "label"
    )


def test_the_curve_drops_its_half_life():
    """The half-life is marked on the fitted line at its own lag, and nowhere without a fit."""
    found = {series.name: series for series in persistence().series}
    known = persistence().estimates["half_life_days"]
    curve = Curve(
        points=found["kappa_calendar"], fit=found["kappa_calendar_fit"], half_life=known, unit="days"
    )
    drawn = half_life(curve, "label")
    assert ">half-life<" in drawn
    assert ">half-life<" not in half_life(dataclasses.replace(curve, fit=None), "label")
    assert ">half-life<" not in half_life(dataclasses.replace(curve, half_life=None), "label")


def test_words_on_a_short_strip_do_not_meet():
    """Ticks whose words would overlap the one that matters are left out."""
    axis = rows.Axis(scale=Scale(0, 1), ticks=[(0.05, "5: flips"), (0.0, "0"), (1.0, "100 %")])
    strip = rows.micro(axis, (0.1, 0.2, 0.3), "label")
    assert ">5: flips<" in strip
    assert ">0<" not in strip
    assert ">100 %<" in strip
