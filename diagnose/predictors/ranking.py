"""How well scores rank the true next item among its candidates.

The true item is column 0. Metrics come one value a target or one value a user, so that any interval
can follow. GAUC is the mean over users of the user's mean AUC: heavy users speak no louder.

Reference  Zhou et al. (2018), "Deep Interest Network", section 6.2 (grouped AUC).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def auc_per_target(scores: NDArray[np.floating], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of negatives ranked below the positive, ties one half. scores, mask (n, C) -> (n,).

    Columns where `mask` is False hold no candidate. A target without negatives gives NaN.
    """
    positive, negative, held = scores[:, :1], scores[:, 1:], mask[:, 1:]
    won = ((negative < positive) & held).sum(axis=1) + 0.5 * ((negative == positive) & held).sum(axis=1)
    auc = np.full(len(scores), np.nan)
    np.divide(won, held.sum(axis=1), out=auc, where=held.any(axis=1))
    return auc


def gauc(auc: NDArray[np.float64], users: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Each user's mean AUC. auc, users (n,) -> (user ids in ascending order, their means), both (U,)."""
    user_ids, codes = np.unique(users, return_inverse=True)
    return user_ids, np.bincount(codes, auc, len(user_ids)) / np.bincount(codes, minlength=len(user_ids))


def log_loss_per_target(scores: NDArray[np.floating], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Minus the log of the positive's softmax share among the candidates, in nats. (n, C) -> (n,)."""
    logits = np.where(mask, scores, -np.inf).astype(np.float64)
    top = logits.max(axis=1)
    loss: NDArray[np.float64] = top + np.log(np.exp(logits - top[:, None]).sum(axis=1)) - logits[:, 0]
    return loss


def shares(scores: NDArray[np.floating], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The softmax share of each candidate among its target's, 0 where none stands. (n, C) -> (n, C)."""
    logits = np.where(mask, scores, -np.inf).astype(np.float64)
    share: NDArray[np.float64] = np.exp(logits - logits.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    return share
