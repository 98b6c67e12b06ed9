"""The user sample, collected on the way: the first N users with enough history in the order of their hash.

The stream comes in the order of the salted hash, so these are the N smallest hashes (a bottom-k sample):
a random set of users that is the same on every engine, whatever the order of rows or the batches.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diagnose.histories import NO_CATEGORY, Histories


class Sampler:
    """Takes the users with enough history out of the passing batches until it has `users` of them."""

    def __init__(self, *, users: int | None, minimum_history: int) -> None:
        self.users, self.minimum_history = users, minimum_history
        self.with_history = 0  # users of the whole log
        self._parts: list[Histories] = []
        self._taken = 0

    def take(self, batch: Histories) -> None:
        """Look at the next batch of the stream."""
        enough = np.flatnonzero(batch.lengths >= self.minimum_history)
        self.with_history += len(enough)
        wanted = enough if self.users is None else enough[: self.users - self._taken]
        if len(wanted) or not self._parts:  # the first batch stays for its names, even without users
            self._parts.append(batch.select(wanted))
            self._taken += len(wanted)

    def sample(self) -> Histories:
        """The sampled users, items and categories numbered from 0 without gaps."""
        return _recoded(_joined(self._parts))


def _joined(parts: list[Histories]) -> Histories:
    lengths = np.concatenate([part.lengths for part in parts])

    return replace(
        parts[0],
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        user=np.concatenate([part.user for part in parts]),
        item=np.concatenate([part.item for part in parts]),
        category=np.concatenate([part.category for part in parts]),
        time=np.concatenate([part.time for part in parts]),
        session=np.concatenate([part.session for part in parts]),
        event=np.concatenate([part.event for part in parts]),
    )


def _recoded(sample: Histories) -> Histories:
    _, item = np.unique(sample.item.view(np.uint64), return_inverse=True)
    used = np.unique(sample.category[sample.category != NO_CATEGORY])
    codes = np.full(len(sample.categories) + 1, NO_CATEGORY, dtype=np.int32)  # the last entry is for code -1
    codes[used] = np.arange(len(used), dtype=np.int32)
    return replace(
        sample,
        item=item.astype(np.int64),
        category=codes[sample.category],
        categories=tuple(sample.categories[code] for code in used),
    )
