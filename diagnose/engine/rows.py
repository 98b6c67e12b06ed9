"""Sorted rows of whole users, a column each: what an engine hands to the kernel."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rows:
    """Sorted rows of whole users, a column each. A column that the log lacks is None."""

    user: Keys
    time: Keys
    item: Keys
    category: NDArray[np.int32] | None
    event: NDArray[np.int16] | None
    session: Keys | None
    series: Keys | None = None
    ordinal: NDArray[np.int32] | None = None
    duration: NDArray[np.float32] | None = None
    request: Keys | None = None
    clicked: NDArray[np.int16] | None = None  # 0: shown and not clicked, no event

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> Rows:
        """Some of the rows, or all of them in another order."""
        held = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(self, **{name: held[name][index] for name in held if held[name] is not None})
