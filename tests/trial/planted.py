"""Small tasks with a known truth for the tests of the trial."""

from __future__ import annotations

import numpy as np

from diagnose.histories import Exposures, Histories
from diagnose.trial.pretraining import padded
from diagnose.trial.task import Split, Task


def split(rng, *, n=64, candidates=5, history=12, items=40, categories=6, shortest=4, next_item=None):
    """Random histories; `next_item(past (n, H), length)` says the true item, else it is random."""
    length = rng.integers(shortest, history + 1, n).astype(np.int32)
    past = rng.integers(0, items, (n, history)).astype(np.int32)
    past[np.arange(history) >= length[:, None]] = items
    item = rng.integers(0, items, (n, candidates)).astype(np.int32)
    if next_item is not None:
        item[:, 0] = next_item(past, length)
    code = np.append(np.arange(items) % categories, categories).astype(np.int32)
    shuffled = past.copy()
    for row, size in zip(shuffled, length, strict=True):
        row[:size] = rng.permutation(row[:size])
    orders = np.stack([past, shuffled, shuffled])
    item[:, 1] = (item[:, 0] + 1 + rng.integers(0, items - 1, n)) % items  # never the true one
    mask = np.ones(item.shape, dtype=bool)
    mask[:, 1:] = item[:, 1:] != item[:, :1]
    return Split(
        base=rng.normal(size=item.shape).astype(np.float32),
        item=item,
        category=code[item],
        mask=mask,
        past_item=orders,
        past_category=code[orders],
        length=length,
        user=np.arange(n) // 2,
        repeat=rng.random(n) < 0.5,
        weight=np.ones(n),
    )


def tables(rng, *, items=40, categories=6, width=8):
    return (
        padded(rng.normal(size=(items, width)).astype(np.float32)),
        padded(rng.normal(size=(categories, width)).astype(np.float32)),
    )


def task(rng, **how):
    """The same law in every window."""
    parts = {name: split(rng, **how) for name in ("training", "validation", "test", "training_sample")}
    item_embeddings, category_embeddings = tables(rng)
    return Task(**parts, item_embeddings=item_embeddings, category_embeddings=category_embeddings)


def successor(past, length):
    """The next item is the one after the last item: order decides it."""
    return (past[np.arange(len(past)), length - 1] + 1) % 40


def log(seed, *, users=300, events=24, chained=0.3, days=20.0, clock=True, tied=False, roles=frozenset()):
    """A log of users with stable tastes in 10 categories of 20 items; a `chained` share of events follows
    the category before (c + 1 after c) rather than the user's own taste.
    """
    rng = np.random.default_rng(seed)
    tastes = rng.dirichlet(np.full(10, 0.4), size=users).cumsum(axis=1)
    category = np.empty((users, events), dtype=np.int64)
    for step in range(events):
        own = (rng.random((users, 1)) > tastes[:, :-1]).sum(axis=1)
        follows = (rng.random(users) < chained) & (step > 0)
        category[:, step] = np.where(follows, (category[:, step - 1] + 1) % 10, own)
    popular = rng.zipf(1.6, size=(users, events)) % 20
    start = rng.random((users, 1)) * days * 0.3
    gaps = rng.exponential(days * 0.7 / events, size=(users, events))
    days_of_event = np.minimum(start + gaps.cumsum(axis=1), days)
    time = (days_of_event * 86_400_000_000).astype(np.int64)
    time = np.tile(np.arange(events), (users, 1)) if not clock else time
    if tied:
        time = time // 86_400_000_000 * 86_400_000_000
    return Histories(
        offsets=np.arange(users + 1, dtype=np.int64) * events,
        user=np.arange(users, dtype=np.uint64),
        item=(category * 20 + popular).ravel(),
        category=category.ravel().astype(np.int32),
        time=np.sort(time, axis=1).ravel(),
        session=np.tile(np.arange(events, dtype=np.int32) // 3, users),
        event=np.zeros(users * events, dtype=np.int16),
        clock=clock,
        categories=tuple(f"category {code}" for code in range(10)),
        events=("view",),
        roles=roles,
    )


def shown_log(seed, *, users=300, clicks=24, follows=0.7, shown=6, fewest=2):
    """A log of real impressions: `shown` items of as many categories, one of them clicked. With probability
    `follows` it is the one whose category comes after that of the user's last click (c + 1 after c).

    Of some impressions only a part is on record: `fewest` to `shown` items.
    """
    rng = np.random.default_rng(seed)
    category = rng.permuted(np.tile(np.arange(10), (users, clicks, 1)), axis=2)[:, :, :shown]
    for step in range(1, clicks):
        following = (category[:, step - 1, 0] + 1) % 10
        rows = np.flatnonzero(rng.random(users) < follows)
        there = category[rows, step] == following[rows, None]
        place = np.where(there.any(axis=1), there.argmax(axis=1), 0)
        category[rows, step, place] = category[rows, step, 0]
        category[rows, step, 0] = following[rows]
    item = category * 20 + rng.integers(0, 20, category.shape)
    time = np.sort(rng.integers(0, 20 * 86_400, (users, clicks)), axis=1) * 1_000_000
    beside = np.arange(1, shown) < rng.integers(fewest, shown + 1, (users, clicks, 1))
    exposed = Exposures(
        offsets=np.concatenate([[0], np.cumsum(beside.sum(axis=(1, 2)))]).astype(np.int64),
        item=item[:, :, 1:][beside],
        category=category[:, :, 1:][beside].astype(np.int32),
        time=np.broadcast_to(time[:, :, None], beside.shape)[beside],
    )
    return Histories(
        offsets=np.arange(users + 1, dtype=np.int64) * clicks,
        user=np.arange(users, dtype=np.uint64),
        item=item[:, :, 0].ravel(),
        category=category[:, :, 0].ravel().astype(np.int32),
        time=time.ravel(),
        session=np.tile(np.arange(clicks, dtype=np.int32) // 3, users),
        event=np.full(users * clicks, -1, dtype=np.int16),
        categories=tuple(f"category {code}" for code in range(10)),
        roles=frozenset({"category", "label"}),
        exposures=exposed,
    )
