"""Ids: what is one user, and what cannot be an id."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading import START, collect, same_histories, sampled, splitmix, table

from diagnose.engine.mixing import text_hash, user_salt
from diagnose.errors import LogError

ODD = ["7", "007", "é", "e\u0301", 'a"b', "a'b", "a\x00b", "a\x00c", " 7", "Ω" * 1000, "\\N'; DROP", "🙂"]


def frame(users) -> pa.Table:
    """An event for each user."""
    times = START + np.arange(len(users))
    return pa.table({"user_id": users, "item_id": pa.array(["x"] * len(users)), "timestamp": times})


def test_the_hash_of_a_text_is_the_second_half_of_its_md5():
    """Any engine can compute a user's hash: md5 bytes 8 to 15, little-endian, XOR a salt from the seed."""
    expected = int.from_bytes(hashlib.md5(b"u7").digest()[8:], "little") ^ user_salt(3)
    assert collect(frame(["u7"]), settings=sampled(seed=3)).sample.user.tolist() == [expected]
    assert text_hash("u7") ^ user_salt(3) == expected


@pytest.mark.parametrize("value", [0, 7, -3, 2**63 - 1, -(2**63)])
def test_the_hash_of_an_integer_is_splitmix(value):
    """Where all ids are 64-bit integers their bits are mixed, whatever type they are written in."""
    assert splitmix(0) == 0xE220A8397B1DCDAF  # the first output of the published generator with seed 0
    for users in ([value], [str(value)]):
        assert collect(frame(users), settings=sampled(seed=3)).sample.user.tolist() == [
            splitmix(value) ^ user_salt(3)
        ]


def test_odd_ids_stay_apart():
    """Unicode forms, quotes, NUL characters, blanks and leading zeros make different users."""
    collected = collect(frame(ODD))
    assert collected.counts.users == len(ODD)
    assert collected.sample.user.tolist() == sorted(text_hash(user) ^ user_salt(0) for user in ODD)


@pytest.mark.parametrize(
    "users",
    [
        pa.array([7, 12, -3], pa.int64()),
        pa.array([7, 12, -3], pa.int8()),
        pa.array([7.0, 12.0, -3.0]),
        pa.array(["7", "12", "-3"]),
        pa.array(["7", "12", "-3"]).dictionary_encode(),
        pa.array([7, 12, -3], pa.int64()).cast(pa.decimal128(20, 0)),
        pa.array([7, 12, -3], pa.int64()).cast(pa.decimal128(22, 2)),
    ],
)
def test_the_same_text_is_the_same_user_whatever_the_type(users):
    """7, 7.0 and '7' are one user, so that a log may change its types without changing its sample."""
    same_histories(collect(frame(users)).sample, collect(frame(["7", "12", "-3"])).sample)


def test_huge_and_negative_integers_are_ids():
    """The ends of 64 bits are users like any other."""
    users = pa.array([2**63, 2**64 - 1, 0], pa.uint64())
    collected = collect(frame(users))
    assert collected.counts.users == 3
    assert set(collected.sample.user.tolist()) == {
        text_hash(str(user)) ^ user_salt(0) for user in users.to_pylist()
    }
    assert collect(frame([-(2**63), 2**63 - 1, 0])).counts.users == 3


@pytest.mark.parametrize("users", [[7.5, 1.0, 2.0], [2.0**60, 1.0, 2.0], [float("inf"), 1.0, 2.0]])
def test_floats_that_are_no_whole_numbers_are_refused(users):
    """A fraction, or a float too large to tell neighbours apart, cannot be an id."""
    with pytest.raises(LogError, match='"user_id" cannot be the role "user"'):
        collect(frame(users))


def test_missing_and_empty_ids_are_set_aside_and_counted():
    """NULL, NaN and the empty text are nobody; a row is counted for the first reason that holds."""
    users = pa.array(["a", "", None, "b", "a"])
    items = pa.array(["x", "x", None, None, ""])
    counts = collect(pa.table({"user_id": users, "item_id": items, "timestamp": START + np.arange(5)})).counts
    assert (counts.events, counts.null_user, counts.null_item) == (1, 2, 2)
    assert collect(frame([1.0, float("nan"), 2.0])).counts.null_user == 1


def test_not_a_number_among_many_ids_is_a_missing_one(tmp_path):
    """NaN in a file's column of float ids is counted as a missing user, not an error of the database."""
    users = np.where(np.arange(300) % 6 == 0, np.nan, np.arange(300) % 7)
    log = {"user_id": users, "item_id": np.arange(300), "timestamp": START + np.arange(300)}
    pq.write_table(pa.table(log), tmp_path / "log.parquet")
    assert collect(tmp_path / "log.parquet").counts.null_user == 50


def test_whole_floats_name_categories_like_integers():
    """12.0 is the category 12, a fraction keeps its digits, NaN is none."""
    told = collect(table(category=[12.0, 2.5, float("nan")]))
    assert told.sample.categories == ("12", "2.5")
    assert told.counts.null_category == 1


def test_lists_and_structs_are_refused():
    """A nested column cannot be an id, and the message says which."""
    with pytest.raises(LogError, match=r'"item_id" cannot be the role "item"'):
        collect(table(item_id=[[1], [2], [3]]))


@pytest.mark.parametrize(
    "name", ['us"er id', "user'id", "user id", "select", "Üser", "u", "t", "raw", "fault", "frame"]
)
def test_columns_may_be_called_anything(name):
    """Quotes, blanks, reserved words and our own names inside the SQL do no harm."""
    log = table().rename_columns([name, "event", "session"])
    collected = collect(
        log, {"user": name, "item": "event", "timestamp": "session", "event": "", "session": ""}
    )
    assert collected.sample.lengths.tolist() in ([2, 1], [1, 2])
    assert collected.counts.items == 2


def test_ids_of_ten_million_characters_are_only_ids():
    """Endless texts in the id, category or event columns are hashed or cut, not carried along."""
    long = "x" * 10_000_000
    collected = collect(
        table(
            user_id=[long, long, long + "y"],
            item_id=[long, "b", "c"],
            category=[long, long + "z", None],
            event=["v"] * 3,
        )
    )
    assert collected.counts.users == 2
    assert len(collected.sample.categories) == 2
    assert max(map(len, collected.sample.categories)) < 300


def test_another_seed_samples_other_users():
    """The sample hangs on the seed, and nothing else."""
    users = frame([str(user) for user in range(400)])
    one, again, other = (
        set(
            (
                collect(users, settings=sampled(users=40, seed=seed)).sample.user ^ np.uint64(user_salt(seed))
            ).tolist()
        )
        for seed in (1, 1, 2)
    )
    assert one == again
    assert len(one & other) < 20


def test_every_user_is_as_likely_to_be_sampled():
    """Over 60 seeds each of 100 users is taken about as often as any other (chi-square, 99.99 %)."""
    log = frame([str(user) for user in range(100)])
    hashes = {splitmix(user): user for user in range(100)}
    taken = np.zeros(100)
    for seed in range(60):
        salt = user_salt(seed)
        order = sorted(hashes, key=lambda value, salt=salt: value ^ salt)
        taken[[hashes[value] for value in order[:25]]] += 1
    seen = collect(log, settings=sampled(users=25, seed=59)).sample.user ^ np.uint64(user_salt(59))
    assert set(seen.tolist()) == set(order[:25])
    variance = 60 * 0.25 * 0.75
    assert ((taken - 15) ** 2 / variance).sum() < 161  # 100 degrees of freedom, 1 in 10,000
