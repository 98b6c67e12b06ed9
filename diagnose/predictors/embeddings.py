"""Order-blind embeddings of items and categories: who touched what, factorised (interests.factorise).

Only counts of the statistics window enter, so no embedding has seen a target or the order of events.

Reference  Levy and Goldberg (2014) on factorised counts; Bullinaria and Levy (2012) on taking the
           square root of the singular values.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.interests import allowed_events, factorise


def item_embeddings(
    histories: Histories,
    *,
    until: int | None,
    dimensions: int,
    seed: int,
    users: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """One row of length 1 per item, shape (n_items, dimensions); zeros where unseen before `until`.

    `until` is on the time axis of the log (microseconds; None takes everything). `users` (U,) restricts
    whose events count, for logs of positions that are split by users.
    """
    allowed = allowed_events(histories, until=until, users=users)
    user, item = histories.user_of_event[allowed], histories.item[allowed]
    return factorise(user, item, size=histories.n_items, dimensions=dimensions, seed=seed)


def category_embeddings(
    histories: Histories,
    *,
    until: int | None,
    dimensions: int,
    seed: int,
    users: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """The same for categories, shape (n_categories, dimensions). Events without category are left out."""
    allowed = allowed_events(histories, until=until, users=users) & (histories.category >= 0)
    user, category = histories.user_of_event[allowed], histories.category[allowed].astype(np.int64)
    return factorise(user, category, size=histories.n_categories, dimensions=dimensions, seed=seed)
