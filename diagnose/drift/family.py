"""All probes of condition 1, side by side: what is asked of the sample, and of the whole log beside it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from diagnose.abreast import abreast
from diagnose.drift import (
    catalogue_trend,
    category_match,
    evolution_paths,
    exchangeability,
    interest_persistence,
    item_order_information,
    order_information,
    transitions,
    turnover,
)
from diagnose.histories import Histories
from diagnose.results import Measured, Probed, Skipped
from diagnose.settings import Settings

Tally = Callable[..., Any]
OF_THE_LOG: Mapping[str, Tally] = {  # over every event, in the one sorted pass
    "exchangeability": exchangeability.tally,
    "exchangeability_sessions": exchangeability.tally_sessions,
    "category_match": category_match.tally,
    "transitions": transitions.tally,
}
OF_THE_SAMPLE: Mapping[str, Callable[..., Probed]] = {  # the longest first: they run side by side
    order_information.NAME: order_information.measure,
    item_order_information.NAME: item_order_information.measure,
    interest_persistence.NAME: interest_persistence.measure,
    turnover.NAME: turnover.measure,
    catalogue_trend.NAME: catalogue_trend.measure,
}


def _exchangeability(sample: Histories, sums: Mapping[str, Any] | None, **given: Any) -> Probed:
    events, sessions = (
        sums[name] if sums else OF_THE_LOG[name](sample)
        for name in ("exchangeability", "exchangeability_sessions")
    )
    return exchangeability.measure(events, sessions, sample, **given)


def _evolution_paths(sample: Histories, sums: Mapping[str, Any] | None, **given: Any) -> Probed:
    return evolution_paths.measure(sample, whole_log=sums["transitions"] if sums else None, **given)


OF_BOTH: Mapping[str, Callable[..., Probed]] = {  # the sample, and the sums of the whole log or None
    exchangeability.NAME: _exchangeability,
    evolution_paths.NAME: _evolution_paths,
}
NAMES = (*OF_THE_SAMPLE, *OF_BOTH)


def skipped(reason: str) -> tuple[Probed, ...]:
    """Nothing of condition 1 can be said, and why."""
    return tuple(Skipped(name=name, condition="drift", reason=reason) for name in NAMES)


def measure(
    sample: Histories, whole_log: Mapping[str, Any] | None, *, settings: Settings, threads: int
) -> tuple[Probed, ...]:
    """Every probe. `whole_log` holds the sums by tally; None where only the sample has interests."""
    probes = [
        *(partial(probe, sample) for probe in OF_THE_SAMPLE.values()),
        *(partial(probe, sample, whole_log) for probe in OF_BOTH.values()),
    ]
    measured = abreast(
        [
            partial(probe, settings=settings, rng=_stream(name, settings.seed))
            for name, probe in zip(NAMES, probes, strict=True)
        ],
        threads=threads,
    )
    if whole_log is None:
        return tuple(measured)
    return tuple(_beside_whole_log(probed, whole_log["category_match"]) for probed in measured)


def recency(sample: Histories, *, settings: Settings) -> Probed:
    """Order information as far as a trial needs it: the half-life, the same to the last digit."""
    stream = _stream(order_information.NAME, settings.seed)
    (probed,) = abreast(
        [partial(order_information.recency, sample, settings=settings, rng=stream)], threads=1
    )
    return probed


def _stream(name: str, seed: int) -> np.random.Generator:
    """A stream of random numbers for each probe, so that adding one changes no other."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _beside_whole_log(probed: Probed, match: category_match.MatchTally) -> Probed:
    """The persistence of the sample with the whole log's own curves beside it."""
    if probed.name != interest_persistence.NAME or not isinstance(probed, Measured):
        return probed
    return replace(probed, series=(*probed.series, *category_match.series(match)))
