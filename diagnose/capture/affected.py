"""Which events of the sample each fault touches: what would be left out to see whether the fault matters.

Near duplicates  the repeats; the first of them stays.
Batch imports    every event of a user's path under one time; not where the clock's step is a minute or more.
Import stamps    every event under a time that a whole job wrote; one event may be touched by both.
Robots           all events of such users: what else they do is no person's doing either.
Outages          whole sessions that begin or end within a day of one: what they lack is not known, and a
                 person who found the platform down comes back later, or does something else than usual. The
                 rest of the history stays, with a hole that is longer and as honest.
Ties are no part of this: an order that is not known cannot be left out, only drawn again.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.expected_hours import HOURS_PER_DAY
from diagnose.capture.imports import at_stamps, batches, coarse, import_stamps
from diagnose.capture.outages import HOUR, Outages
from diagnose.capture.repeats import near_duplicates
from diagnose.capture.robots import robots
from diagnose.histories import Histories
from diagnose.settings import Settings

Mask = NDArray[np.bool_]


def affected(sample: Histories, *, settings: Settings, outages: Outages | str) -> Mapping[str, Mask]:
    """By fault, the events to leave out, each of shape (E,); only faults that touch some event."""
    found = {
        "near_duplicates": _repeated(sample, settings),
        "batch_imports": _in_batches(sample, settings),
        "import_stamps": at_stamps(sample, import_stamps(sample, settings=settings.hygiene)),
        "robots": np.repeat(robots(sample, settings=settings.robots).any, sample.lengths),
    }
    if isinstance(outages, Outages):
        found["outages"] = _beside(sample, outages)
    return {name: mask for name, mask in found.items() if mask.any()}


def _repeated(sample: Histories, settings: Settings) -> Mask:
    mask = np.zeros(sample.n_events, dtype=bool)
    mask[near_duplicates(sample, settings=settings.hygiene)] = True
    return mask


def _in_batches(sample: Histories, settings: Settings) -> Mask:
    if coarse(sample, settings=settings.hygiene):
        return np.zeros(sample.n_events, dtype=bool)
    starts, lengths = batches(sample, settings=settings.hygiene)
    edge = np.zeros(sample.n_events + 1, dtype=np.int64)
    edge[starts] += 1
    np.subtract.at(edge, starts + lengths, 1)  # a run may begin where another ends
    return np.asarray(np.cumsum(edge[:-1]) > 0)


def _beside(sample: Histories, outages: Outages) -> Mask:
    """Events of sessions that reach into an outage or the day before or after it."""
    if not sample.n_events or not len(outages.start):
        return np.zeros(sample.n_events, dtype=bool)
    opens = np.flatnonzero(sample.opens_session)
    closes = np.append(opens[1:], sample.n_events) - 1
    begins, ends = sample.time[opens] // HOUR, sample.time[closes] // HOUR
    low, high = outages.start - HOURS_PER_DAY, outages.stop + HOURS_PER_DAY  # ascending, as outages are
    place = np.searchsorted(high, begins, side="right")  # the first that is not over when a session begins
    touches = np.append(low, np.iinfo(np.int64).max)[place] <= ends
    return np.repeat(touches, closes - opens + 1)
