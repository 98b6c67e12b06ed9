"""What the peers of the engine's benchmark have in common: which numbers they compute, and of what.

Three programs compute the statistics of the engine's one pass: `engine_pandas` in the words that come first
to a data scientist, `engine_pandas_tuned` by one who has profiled it, `engine_polars`. All take whole
columns, sort once and loop over no user. A table is computed whole and told as one number.
"""

from __future__ import annotations

from collections.abc import Mapping

Statistics = dict[str, int]

LAGS = (1, 2, 3, 5, 8, 13, 21)  # the event at position r is paired with the one LAGS[r mod 7] back
MINIMUM_HISTORY = 5  # events of a user, to be sampled and to tell of saturation
SAMPLED_USERS = 20_000
DAY, HOUR = 86_400, 3_600  # seconds
CODED = ["user_id", "item_id", "category", "event_type"]
IDENTITY = ["user_id", "item_id", "timestamp", "event_type"]  # rows alike in these are one event

# Numbers that hang on the order of tied events, in which each program has a way of its own.
ORDER_OF_TIES = ("adjacent_pairs", "matches_by_lag", "matches_by_octave")
TIES_TOLERANCE = 0.01  # 2 % of the events tie; seen: 0.15 %
# Numbers that hang on each program's own hash.
OWN_HASH = ("sampled_events",)


def disagreements(found: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Where programs (name -> statistics) differ by more than the order of ties explains, in words."""
    told = []
    for name in sorted({name for statistics in found.values() for name in statistics} - {*OWN_HASH}):
        values = {program: statistics[name] for program, statistics in found.items() if name in statistics}
        least, most = min(values.values()), max(values.values())
        if most - least > (TIES_TOLERANCE * most if name in ORDER_OF_TIES else 0):
            told.append(f"{name}: " + ", ".join(f"{program} {value}" for program, value in values.items()))
    return told
