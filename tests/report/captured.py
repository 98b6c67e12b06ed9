"""Test data of condition 2 for a whole result: what was lost, how deep histories are, where holes are."""

from __future__ import annotations

import math

from diagnose.results import Estimate, Measured, Series

RATES = (1.0, 0.6, 0.3, 0.1)
CURVES = {
    "events": (0.091, 0.066, 0.034, 0.014),
    "sessions": (0.091, 0.082, 0.068, 0.044),
    "categories": (0.090, 0.089, 0.084, 0.082),
}
DEPTHS = {
    "0": 0.06,
    "1": 0.06,
    "2": 0.05,
    "3": 0.05,
    "4": 0.066,
    "5 to 7": 0.12,
    "8 to 11": 0.18,
    "12 to 15": 0.12,
    "16 to 23": 0.11,
    "24 to 31": 0.08,
    "32 to 47": 0.06,
    "64 to 95": 0.044,
}


def thinning() -> Measured:
    """The order information of the example as it is thinned; it holds to .1 by sessions, to .12 by events."""
    return Measured(
        name="thinning",
        condition="capture",
        users=5_000,
        estimates={
            "share_full": Estimate(value=0.091, low=0.088, high=0.094, unit="share"),
            "holds_until_events": Estimate(
                value=0.12, low=0.10, high=0.16, unit="share of the logged events"
            ),
            "holds_until_sessions": Estimate(value=0.1, low=0.0, high=0.1, unit="share of the logged events"),
        },
        series=tuple(
            Series(
                name=f"thinning by {pattern}",
                x=RATES,
                y=shares,
                low=tuple(share - 0.004 for share in shares),
                high=tuple(share + 0.004 for share in shares),
                unit_x="share kept",
                unit_y="share of the loss",
            )
            for pattern, shares in CURVES.items()
        ),
    )


def outages() -> Measured:
    """Ninety days by four hours with an outage of 20 hours."""
    hours = [(1 + place // 6, 4 * (place % 6)) for place in range(186)]
    events = [
        5.0 if 60 <= place < 65 else 100.0 * (1.2 + math.sin(place / 6 * 2 * math.pi)) for place in range(186)
    ]
    moments = tuple(f"2026-03-{day:02d}T{hour:02d}" for day, hour in hours)
    return Measured(
        name="outages",
        condition="capture",
        users=0,
        estimates={
            "outages": Estimate(value=1, low=1, high=1, unit="outages"),
            "outage_share": Estimate(value=0.027, low=0.027, high=0.027, unit="share of hours"),
        },
        series=(
            Series(
                name="hourly_events", x=moments, y=tuple(events), unit_x="hour (UTC)", unit_y="events an hour"
            ),
            Series(
                name="outages",
                x=("2026-03-11T00 to 2026-03-11T20",),
                y=(0.05,),
                unit_x="outage (UTC)",
                unit_y="share of the events expected",
            ),
        ),
    )


def depth() -> Series:
    """Earlier events on record at a prediction."""
    return Series(
        name="depth",
        x=tuple(DEPTHS),
        y=tuple(DEPTHS.values()),
        unit_x="earlier events on record",
        unit_y="share of requests",
    )
