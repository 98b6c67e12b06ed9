"""Every tally of the whole log beside dictionaries and loops: the same integers, however the log is cut."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from parity import odd_log
from reading import START, collect, sampled, splitmix

from diagnose.conditions import OF_THE_LOG
from diagnose.drift.category_match import LAGS
from diagnose.drift.transitions import TOP, UNIT
from diagnose.engine.duck import prepare
from diagnose.engine.mixing import text_hash, user_salt


class Oracle:
    """Users' events in order, read off the stream's own tie order, and counted by hand."""

    def __init__(self, log: pa.Table, kind: str) -> None:
        self.hash = (lambda value: splitmix(value)) if kind == "integer" else text_hash
        self.rows: dict[int, set] = defaultdict(set)
        self.nulls = Counter()
        self.duplicates = 0
        kinds: dict[tuple, set] = defaultdict(set)
        for row in log.to_pylist():
            missing = [name for name in ("user_id", "item_id", "timestamp") if row[name] is None]
            if missing:
                self.nulls[missing[0]] += 1
                continue
            user = self.hash(row["user_id"]) ^ user_salt(0)
            key = (row["timestamp"] * 1_000_000, self.hash(row["item_id"]), row["event_type"])
            self.duplicates += key in self.rows[user]
            self.rows[user].add(key)
            kinds[(user, *key)].add(row["category"])
        self.named = Counter(
            row["category"]
            for row in log.to_pylist()
            if row["category"] is not None and None not in (row["user_id"], row["item_id"], row["timestamp"])
        )
        self.category = {key: max(found, key=lambda name: name is not None) for key, found in kinds.items()}

    def codes(self) -> dict[str, int]:
        """Category codes of a stream: the one with most rows is 0, equal ones by their text."""
        order = sorted(self.named, key=lambda name: (-self.named[name], name))
        return {name: code for code, name in enumerate(order)}


class Kept:
    """A tally that keeps each user's events as they came by."""

    def __init__(self, histories, settings) -> None:
        self.users = {}
        for user, events in zip(histories.user.tolist(), histories.per_user(), strict=True):
            self.users[user] = [
                (
                    int(histories.time[at]),
                    int(histories.item[at : at + 1].view(np.uint64)[0]),
                    histories.events[histories.event[at]],
                    histories.categories[histories.category[at]] if histories.category[at] >= 0 else None,
                    int(histories.session[at]),
                )
                for at in range(events.start, events.stop)
            ]

    def __add__(self, other):
        assert not self.users.keys() & other.users.keys(), "a user in two batches"
        self.users |= other.users
        return self


def named(events: list) -> Iterator[str]:
    """The categories of a user's events that have one."""
    return (event[3] for event in events if event[3] is not None)


@pytest.fixture(scope="module", params=["text", "integer"])
def read(request):
    """A log read in small batches by three threads, its users, and the oracle."""
    log = odd_log(request.param)
    tallies = {**OF_THE_LOG, "kept": Kept}
    settings = sampled(minimum_history=5, users=5)
    seen = collect(log, tallies=tallies, settings=settings, batch_rows=2_048, threads=3)
    return seen, seen.tallies["kept"].users, Oracle(log, request.param)


def test_rows_are_where_they_belong(read):
    """Nulls by their first reason, duplicates once, every user's events whole."""
    seen, users, oracle = read
    counts = seen.counts
    assert (counts.null_user, counts.null_time) == (oracle.nulls["user_id"], oracle.nulls["timestamp"])
    assert counts.duplicates == oracle.duplicates > 200
    assert {user: {event[:3] for event in events} for user, events in users.items()} == dict(oracle.rows)
    assert all(
        (event[3] is None) == (oracle.category[(user, *event[:3])] is None)
        for user, events in users.items()
        for event in events
    )
    assert all(events == sorted(events, key=lambda event: event[0]) for events in users.values())


def test_hygiene_identity_and_depth(read):
    """Ties, distinct times, hours, births, deaths, lengths and strictly earlier events, counted by hand."""
    seen, users, _ = read
    ties = sum(n for events in users.values() for n in Counter(e[0] for e in events).values() if n > 1)
    assert seen.tallies["log_hygiene"].tied_events == ties > 100
    hours = Counter(event[0] // 3_600_000_000 for events in users.values() for event in events)
    table = seen.times.hours
    told = table.table.sum(axis=1)
    assert {hour: n for hour, n in zip(table.places.tolist(), told, strict=True) if n} == hours
    assert seen.times.quantum == 1_000_000
    days = seen.tallies["identity"].days
    born, died, active = Counter(), Counter(), Counter()
    depth, once, twice = Counter(), 0, 0
    for events in users.values():
        dates = [event[0] // 86_400_000_000 for event in events]
        born[dates[0]] += 1
        died[dates[-1]] += 1
        active.update(set(dates))
        depth.update(sum(other[0] < event[0] for other in events) for event in events)
        if len(events) >= 5:
            met = Counter(event[1] for event in events).values()
            once, twice = once + sum(n == 1 for n in met), twice + sum(n == 2 for n in met)
    for day, row in zip(days.places.tolist(), days.table.tolist(), strict=True):
        assert row == [born[day], died[day], active[day]]
    tally = seen.tallies["history_depth"]
    assert {at: n for at, n in enumerate(tally.depth.tolist()) if n} == depth
    assert (tally.seen_once["items"].part, tally.seen_twice["items"]) == (once, twice)
    lengths = Counter(len(events) for events in users.values())
    assert {at: n for at, n in enumerate(tally.lengths.table[:, 0], tally.lengths.start) if n} == lengths


def test_exchangeability_and_transitions(read):
    """Adjacent pairs, S2, S3 by number of events; transitions observed and expected, as integers."""
    seen, users, oracle = read
    sums: dict[int, list[int]] = defaultdict(lambda: [0] * 6)
    observed, expected = Counter(), Counter()
    for events in users.values():
        names = list(named(events))
        met, n = Counter(names), len(names)
        same = sum(a == b for a, b in pairwise(names))
        observed.update(pairwise(names))
        for a, n_a in met.items():
            for b, n_b in met.items():
                own = n_a * (n_a - 1) * UNIT // n
                expected[a, b] += own if a == b else n_a * (n_b * UNIT // n)
        if n >= 2:
            s2 = sum(k * (k - 1) for k in met.values())
            s3 = sum(k * (k - 1) * (k - 2) for k in met.values())
            row = (1, same, s2, s2**2, s3, (n * same - s2) ** 2)
            sums[n] = [one + other for one, other in zip(sums[n], row, strict=True)]
    found = seen.tallies["exchangeability"].sums
    assert {n: list(row) for n, row in found.items()} == dict(sums)
    raw, coded = seen.tallies["transitions"], oracle.codes()
    for table, by_hand in ((raw.observed, observed), (raw.expected, expected)):
        assert table.sum() == sum(by_hand.values()) > 0
        for (a, b), number in by_hand.items():  # a leads to b, and not b to a
            assert table[coded[a], coded[b]] == number
    assert (raw.observed != raw.observed.T).any()


def test_category_match_by_both_lags(read):
    """The pair of each event by its rank modulo 7, in dictionaries by event lag and by octave of seconds."""
    seen, users, _ = read
    by_event, by_time = Counter(), Counter()
    for events in users.values():
        for rank, event in enumerate(events):
            place = rank % 7
            back = int(LAGS[place])
            if rank < back or None in (event[3], events[rank - back][3]):
                continue
            other = events[rank - back]
            kind = (int(event[4] != other[4]), int(event[3] == other[3]))
            by_event[(place, *kind)] += 1
            by_time[(((event[0] - other[0]) // 1_000_000).bit_length(), *kind)] += 1
    tally = seen.tallies["category_match"]
    assert {at: int(n) for at, n in np.ndenumerate(tally.by_event) if n} == by_event
    assert {at: int(n) for at, n in np.ndenumerate(tally.by_time) if n} == by_time


def test_the_sample_is_the_smallest_hashes(read):
    """With room for five users, the five with the smallest hashes among those with history, whole."""
    seen, users, _ = read
    enough = sorted(user for user, events in users.items() if len(events) >= 5)
    assert len(enough) > 20
    assert seen.sample.user.tolist() == enough[:5]
    assert seen.sample.lengths.tolist() == [len(users[user]) for user in enough[:5]]


def test_categories_beyond_the_top_are_one():
    """With 130 categories the 100 with most rows stand alone, and steps among the others are "other"."""
    counts = [3 if at < TOP else 2 for at in range(130)]  # c100 and later are the rarer ones
    names = [f"c{at:03}" for at, many in enumerate(counts) for _ in range(many)]
    log = pa.table(
        {
            "user_id": [1] * len(names),
            "item_id": list(range(len(names))),
            "timestamp": [START + at for at in range(len(names))],
            "category": names,
        }
    )
    found = collect(log, tallies=OF_THE_LOG).tallies["transitions"]
    assert found.observed[TOP, TOP] == 60 - 1
    assert found.observed[0, 0] == 2
    assert found.observed[TOP - 1, TOP] == 1
    assert found.observed[TOP, TOP - 1] == 0
    assert found.observed.sum() == len(names) - 1
    assert found.expected[TOP, TOP] == 60 * 59 * UNIT // len(names)
    assert found.expected[0, TOP] == 3 * (60 * UNIT // len(names))


def test_batches_and_threads_change_no_digit(tmp_path):
    """One thread or three, batches of 2,048 rows or all at once: the same in every tally."""
    pq.write_table(odd_log("text", events=30_000), tmp_path / "log.parquet", row_group_size=5_000)
    one, other = (
        told(collect(tmp_path / "log.parquet", tallies=OF_THE_LOG, **options))
        for options in ({"threads": 1, "batch_rows": 500_000}, {"threads": 3, "batch_rows": 2_048})
    )
    assert one == other


@pytest.mark.parametrize("short", ["both", "users"])
def test_text_ids_without_a_dictionary_change_no_digit(short, monkeypatch):
    """Where the distinct texts are too many for the memory every row is hashed: the same in every tally."""
    log = odd_log("text")
    usual = told(collect(log, tallies=OF_THE_LOG))
    monkeypatch.setattr(prepare, "DICTIONARY_SHARE", {"both": 0.0, "users": 50 * 100 / 1e9}[short])
    assert told(collect(log, tallies=OF_THE_LOG, memory_bytes=1_000_000_000)) == usual


def test_a_run_that_spills_gives_the_same_digits(tmp_path):
    """Two million rows under 64 MB: parts of the sort go to disk, and nothing else differs."""
    rng = np.random.default_rng(3)
    events = 2_000_000
    user = rng.integers(0, 100_000, events)
    log = {
        "user_id": user,
        "item_id": rng.integers(0, 5_000, events),
        "timestamp": START + np.arange(events),
        "category": (user + rng.integers(0, 5, events)) % 40,
    }
    pq.write_table(pa.table(log), tmp_path / "log.parquet")
    temp, spilled = tmp_path / "temp", []
    temp.mkdir()

    def peek(histories, settings):
        spilled.extend(file.name for file in temp.rglob("spill/*"))
        return 0

    tallies = {**OF_THE_LOG, "peek": peek}
    settings = sampled(users=500, minimum_history=5)
    tight, plenty = (
        told(collect(tmp_path / "log.parquet", tallies=tallies, settings=settings, **options))
        for options in (
            {"memory_bytes": 64_000_000, "temp_directory": temp},
            {"memory_bytes": 4_000_000_000},
        )
    )
    assert spilled, "nothing was spilled: the test shows nothing"
    assert tight == plenty
    assert not list(temp.iterdir())


def told(seen) -> tuple:
    """Everything that a reading says, as plain values."""
    tallies = seen.tallies
    arrays = [getattr(seen.sample, name).tolist() for name in ("user", "item", "category", "time", "session")]
    return (
        seen.counts,
        seen.facts,
        seen.times,
        tallies["log_hygiene"].distinct_times.tolist(),
        tallies["identity"].days,
        tallies["identity"].lifetimes.tolist(),
        tallies["history_depth"].depth.tolist(),
        tallies["history_depth"].lengths,
        tallies["history_depth"].seen_once,
        tallies["history_depth"].seen_twice,
        tallies["exchangeability"].sums,
        tallies["category_match"].by_event.tolist(),
        tallies["category_match"].by_time.tolist(),
        tallies["transitions"].observed.tolist(),
        tallies["transitions"].expected.tolist(),
        arrays,
    )
