"""The sorted pass: the same histories as a naive reading, whatever rows, files, batches and threads."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import START, collect, messy_log, same_histories, sampled, splitmix, table

from diagnose.engine.mixing import text_hash, user_salt
from diagnose.engine.stream import whole_users
from diagnose.histories import Histories
from diagnose.settings import Settings


def oracle(log: pa.Table) -> dict[int, list[tuple[int, frozenset]]]:
    """By user hash: the times in order, each with the set of (item, event) at it. Dictionaries and loops."""
    users: dict[int, dict[int, set]] = {}
    for row in log.to_pylist():
        if row["user_id"] is None:
            continue
        at = users.setdefault(splitmix(row["user_id"]) ^ user_salt(0), {})
        at.setdefault(row["timestamp"] * 1_000_000, set()).add((text_hash(row["item_id"]), row["event_type"]))
    return {user: [(time, frozenset(at[time])) for time in sorted(at)] for user, at in sorted(users.items())}


class Everything:
    """A tally that keeps the histories themselves: what the oracle holds, from the stream."""

    def __init__(self, histories: Histories, settings: Settings) -> None:
        self.users = {}
        for user, events in zip(histories.user.tolist(), histories.per_user(), strict=True):
            at: dict[int, set] = {}
            items = histories.item[events].view(np.uint64).tolist()
            for time, item, event in zip(
                histories.time[events].tolist(), items, histories.event[events], strict=True
            ):
                at.setdefault(time, set()).add((item, histories.events[event]))
            self.users[user] = [(time, frozenset(pairs)) for time, pairs in at.items()]

    def __add__(self, other):
        assert not self.users.keys() & other.users.keys(), "a user in two batches"
        self.users |= other.users
        return self


@pytest.mark.parametrize("batch_rows", [2_048, 500_000])
def test_the_stream_is_what_dictionaries_and_loops_give(batch_rows):
    """Every user once, by hash, events in time order, duplicates once: as the naive reading."""
    log = messy_log(9_000)
    collected = collect(log, tallies={"all": Everything}, batch_rows=batch_rows)
    expected = oracle(log)
    assert sorted(collected.tallies["all"].users.items()) == list(expected.items())
    events = sum(len(pairs) for user in expected.values() for _, pairs in user)
    assert collected.counts.events == events
    assert collected.counts.duplicates == log.num_rows - log["user_id"].null_count - events
    assert collected.counts.rows == log.num_rows


def test_rows_files_batches_and_threads_change_nothing(tmp_path):
    """Shuffled rows, one file or five, small or large batches, one thread or three: the same to the digit."""
    log = messy_log(6_000)
    base = collect(log)
    shuffled = log.take(np.random.default_rng(1).permutation(log.num_rows))
    pq.write_table(log, tmp_path / "one.parquet")
    (tmp_path / "parts").mkdir()
    for part in range(5):
        pq.write_table(shuffled.slice(part * 1_200, 1_200), tmp_path / "parts" / f"{part}.parquet")
    for other in (
        collect(shuffled),
        collect(str(tmp_path / "one.parquet"), threads=1),
        collect(tmp_path / "parts", threads=3, batch_rows=2_048),
        collect(str(tmp_path / "parts" / "*.parquet"), batch_rows=3_000),
    ):
        same_histories(base.sample, other.sample)
        assert base.counts == other.counts
        assert base.facts.fingerprint == other.facts.fingerprint


def test_ties_have_no_order_of_their_own():
    """At one time, item a comes before item b for about half the users: no order is manufactured."""
    users = np.repeat(np.arange(2_000), 2)
    log = pa.table({"user_id": users, "item_id": ["a", "b"] * 2_000, "timestamp": np.full(4_000, START)})
    first = collect(log).sample.item[::2]
    assert abs(first.mean() - 0.5) < 4 * 0.5 / np.sqrt(2_000)
    redrawn = collect(log, settings=sampled(seed=1)).sample
    assert abs(redrawn.item[::2].mean() - 0.5) < 4 * 0.5 / np.sqrt(2_000)


def test_relabelling_items_changes_nothing_but_the_order_of_ties():
    """Times, users, sessions and the items at each time are the same under other item names."""
    log = messy_log(2_000)
    other = log.set_column(1, "item_id", pa.array([f"<{item}>" for item in log["item_id"].to_pylist()]))
    one, two = collect(log), collect(other)
    for field in ("offsets", "user", "time", "session"):
        np.testing.assert_array_equal(getattr(one.sample, field), getattr(two.sample, field))
    assert one.counts == two.counts
    for events in list(one.sample.per_user())[:40]:
        at = one.sample.time[events]
        for field in ("event", "category"):
            first, second = (
                list(zip(at, getattr(of, field)[events], strict=True)) for of in (one.sample, two.sample)
            )
            assert sorted(first) == sorted(second)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_pieces_are_cut_where_the_user_changes(users, size):
    """However a sorted stream is sliced, each user comes once and whole, and nothing is lost."""
    user = np.sort(np.array(users, dtype=np.uint64))
    serial = np.arange(len(user))
    pieces = ((user[at : at + size], serial[at : at + size]) for at in range(0, len(user), size))
    batches = list(whole_users(pieces))
    np.testing.assert_array_equal(np.concatenate([batch[1] for batch in batches]), serial)
    whole = [one for batch in batches for one in np.unique(batch[0]).tolist()]
    assert len(whole) == len(set(whole))
    assert all(len(batch[0]) for batch in batches)


def test_sessions_follow_gaps_of_time():
    """More than half an hour of silence starts a session; exactly half an hour does not."""
    times = [START, START + 1_800, START + 3_601, START + 10_000]
    log = table(user_id=[1] * 4, item_id=[1, 2, 3, 4], timestamp=times)
    assert collect(log).sample.session.tolist() == [0, 0, 1, 2]
    assert collect(log, settings=sampled(session_gap_minutes=1000.0)).sample.session.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("sessions", [["a", "a", "b", "a"], [5, 5, 6, 5], [None, None, "b", None]])
def test_sessions_follow_the_column_where_there_is_one(sessions):
    """A change of the session's value starts a new number, whatever the gaps; users start at 0."""
    log = table(
        user_id=[1] * 4,
        item_id=[1, 2, 3, 4],
        timestamp=[START + 9_000 * step for step in range(4)],
        session_id=sessions,
    )
    assert collect(log).sample.session.tolist() == [0, 0, 1, 2]


def test_runaway_users_are_cut_after_their_first_events_and_counted():
    """A bot keeps its first events only; the counts say how many users and events, and nobody else is cut."""
    log = table(
        user_id=[1] * 50 + [2] * 3,
        item_id=list(range(53)),
        timestamp=[START + step for step in range(53)],
    )
    seen = collect(log, settings=sampled(maximum_events_per_user=10))
    assert sorted(seen.sample.lengths.tolist()) == [3, 10]
    assert seen.sample.time.max() == (START + 52) * 1_000_000
    assert (seen.counts.runaway_users, seen.counts.runaway_events_cut, seen.counts.events) == (1, 40, 53)


def test_duplicates_differ_in_nothing_that_counts():
    """Same user, item, time and event is a duplicate; another event is not; a known category stays."""
    log = pa.table(
        {
            "user_id": [1, 1, 1, 1, 1],
            "item_id": [7, 7, 7, 7, 8],
            "timestamp": [START, START, START, START + 1, START],
            "event_type": ["view", "view", "buy", "view", "view"],
            "category": [None, "toys", "toys", "toys", "toys"],
        }
    )
    for order in ([0, 1, 2, 3, 4], [1, 0, 4, 3, 2]):
        seen = collect(log.take(order))
        assert (seen.counts.duplicates, seen.counts.events, seen.counts.null_category) == (1, 4, 0)


def test_unclicked_impressions_are_set_aside():
    """Rows with label 0 or false are no behaviour: out of the histories, into the counts."""
    for label in (
        [1, 0, 1],
        [True, False, True],
        ["1", "0", "1"],
        [1.0, 0.0, None],
        ["true", "false", "yes"],
    ):
        counts = collect(table(label=label)).counts
        assert (counts.unclicked_impressions, counts.events) == (1, 2), label


def test_the_fingerprint_knows_the_log_and_not_the_seed():
    """One changed event changes the fingerprint; another seed does not."""
    log = messy_log(500)
    base = collect(log).facts.fingerprint
    assert base == collect(log, settings=sampled(seed=9)).facts.fingerprint
    times = log["timestamp"].to_numpy().copy()
    times[3] += 1
    assert base != collect(log.set_column(2, "timestamp", pa.array(times))).facts.fingerprint
    assert len(base) == 16
    int(base, 16)
