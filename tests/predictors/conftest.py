import numpy as np
import pytest

from diagnose.histories import Histories

HOUR = 3_600_000_000  # microseconds


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def log_of():
    """A factory of small logs: one list of (item, hour) a user; the category is the item's tens digit."""

    def build(users, *, clock=True, item_category=None):
        events = [event for user in users for event in user]
        item, hour = np.array(events, dtype=np.int64).reshape(-1, 2).T
        category = item // 10 if item_category is None else np.asarray(item_category)[item]
        return Histories(
            offsets=np.concatenate([[0], np.cumsum([len(user) for user in users])]).astype(np.int64),
            user=np.arange(len(users), dtype=np.uint64),
            item=item,
            category=category.astype(np.int32),
            time=hour * (HOUR if clock else 1),
            session=np.zeros(len(item), dtype=np.int32),
            event=np.zeros(len(item), dtype=np.int16),
            clock=clock,
        )

    return build


@pytest.fixture
def random_log(log_of):
    """A factory of random logs: users who mix favourites with anything, over `days` days."""

    def build(*, users=200, items=60, length=25, days=20, seed=0):
        rng = np.random.default_rng(seed)
        histories = []
        for _ in range(users):
            hours = np.sort(rng.integers(0, 24 * days, length))
            favourites = rng.integers(0, items, 4)
            any_item = rng.integers(0, items, length)
            item = np.where(rng.random(length) < 0.4, rng.choice(favourites, length), any_item)
            histories.append(list(zip(item, hours, strict=True)))
        return log_of(histories)

    return build
