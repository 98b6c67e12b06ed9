from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pytest
from reading import START, collect, messy_log, same_histories, sampled, table

from diagnose.errors import LogError
from diagnose.settings import TrialSettings


def labelled(kind="integer", *, seed=0, rows=3_000):
    """Half of the rows are clicks; items of which none is clicked; users who click nothing."""
    rng = np.random.default_rng(seed)
    user, item = rng.integers(0, 80, rows), rng.integers(0, 150, rows)
    label = np.where((item < 120) & (user < 70), rng.random(rows) < 0.5, False)
    return pa.table(
        {
            "user_id": user if kind == "integer" else pa.array([f"u{one}" for one in user]),
            "item_id": item if kind == "integer" else pa.array([f"i{one}" for one in item]),
            "timestamp": START + rng.integers(0, 50, rows) * 1_000,
            "category": pa.array([f"c{one % 7}" for one in item]),
            "label": label.astype(np.int64),
        }
    )


def without_label(histories):
    return dataclasses.replace(histories, exposures=None, roles=histories.roles - {"label"})


@pytest.mark.parametrize("kind", ["integer", "text"])
def test_what_was_shown_changes_nothing_about_the_events(kind):
    """Histories, counts of events, items and users are those of the log without its rows of label 0."""
    log = labelled(kind)
    clicks = log.filter(pa.compute.equal(log["label"], 1)).drop_columns("label")
    both, alone = collect(log), collect(clicks)
    same_histories(without_label(both.sample), alone.sample)
    for name in ("events", "users", "items", "categories", "duplicates", "users_with_history"):
        assert getattr(both.counts, name) == getattr(alone.counts, name), name
    assert both.counts.unclicked_impressions == len(log) - len(clicks)
    assert alone.sample.exposures is None


@pytest.mark.parametrize("kind", ["integer", "text"])
def test_exposures_are_those_of_the_users_with_events(kind):
    """Each distinct row of label 0 of a sampled user, once, under the codes of the events."""
    log = labelled(kind)
    seen = collect(log).sample
    shown = seen.exposures
    names = ("user_id", "item_id", "timestamp", "label")
    every = list(zip(*(log[name].to_pylist() for name in names), strict=True))
    clickers = {row[0] for row in every if row[3]}
    rows = {row for row in every if row[0] in clickers and not row[3]}
    assert len(shown.item) == len(rows)
    assert len(shown.offsets) == len(seen) + 1
    assert shown.item.max() >= seen.n_items  # some were never clicked
    category = {int(i): int(c) for i, c in zip(seen.item, seen.category, strict=True)}
    met = shown.item < seen.n_items
    assert [category[int(i)] for i in shown.item[met]] == shown.category[met].tolist()


def test_the_order_of_the_rows_and_the_size_of_batches_do_not_matter():
    """Shuffled rows in small batches give the same exposures to the last digit."""
    log = labelled("text")
    again = log.take(np.random.default_rng(1).permutation(len(log)))
    one, two = collect(log).sample.exposures, collect(again, batch_rows=100).sample.exposures
    for name in ("offsets", "item", "category", "time"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)


def test_a_request_comes_along_where_the_log_has_one():
    """Its key is the same for the click and for what was shown beside it."""
    log = labelled().append_column("request_id", pa.array([f"r{at // 4}" for at in range(3_000)]))
    seen = collect(log).sample
    assert "request" in seen.roles
    assert len(np.intersect1d(seen.request, seen.exposures.request)) > 100


def test_exposures_follow_their_users():
    """Of some users, in another order, each still has its own."""
    seen = collect(labelled()).sample
    some = seen.select(np.array([5, 2, 9]))
    for place, user in enumerate((5, 2, 9)):
        mine = slice(*some.exposures.offsets[place : place + 2])
        theirs = slice(*seen.exposures.offsets[user : user + 2])
        np.testing.assert_array_equal(some.exposures.item[mine], seen.exposures.item[theirs])


def test_without_a_trial_nothing_more_is_read():
    """--no-trial needs no candidates: rows of label 0 are counted and left where they are."""
    settings = dataclasses.replace(sampled(), trial=TrialSettings(run=False))
    seen = collect(labelled(), settings=settings)
    assert seen.sample.exposures is None
    assert seen.counts.unclicked_impressions > 0


def test_a_log_without_labels_has_no_exposures():
    """Nor a request that nobody needs."""
    seen = collect(messy_log().append_column("request_id", pa.array(range(3_000)))).sample
    assert (seen.exposures, seen.request) == (None, None)


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (["1", "0", "maybe"], "1 rows with maybe"),
        ([1, 0, 2], "1 rows with 2"),
        ([0.5, 0.0, 7.0], "2 rows with 0.5, 7.0"),
    ],
)
def test_a_label_that_is_neither_is_told_with_what_it_holds(labels, told):
    """Clicked or not is all that a label can say; ratings, counts and words are listed, not guessed at."""
    with pytest.raises(LogError, match="clicked or not") as caught:
        collect(table(label=labels))
    assert caught.value.seen == told
    assert "--column label=" in str(caught.value)


def test_many_values_that_are_no_labels_are_not_all_listed():
    """Five of them and a word that there are more."""
    with pytest.raises(LogError, match="and more"):
        collect(labelled().drop_columns("label").append_column("label", pa.array(range(3_000))))


def test_a_log_in_which_nothing_was_clicked_says_so():
    """Labels that are all 0: what was shown is not what users did."""
    with pytest.raises(LogError, match="no row was clicked"):
        collect(table(label=[0, 0, 0]))


def test_labels_that_are_all_clicks_change_nothing():
    """Labels that are all 1: a log of events."""
    assert collect(table(label=[1, 1, 1])).counts.events == 3
