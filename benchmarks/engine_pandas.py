"""The statistics of the engine's pass as a data scientist would write them in pandas: the peer.

No loop over users, one sort, the group-bys that the questions ask for. See `engine_peers`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from benchmarks.engine_peers import DAY, HOUR, IDENTITY, LAGS, MINIMUM_HISTORY, SAMPLED_USERS, Statistics


def statistics(path: Path) -> Statistics:
    """All statistics of a log."""
    raw = pd.read_parquet(path)
    found = faults(raw)
    events = ordered(raw)
    found |= {"events": len(events), "duplicates": len(raw) - len(events)}
    found |= {"users": events["user_id"].nunique(), "items": events["item_id"].nunique()}
    del raw
    length = events.groupby("user_id").size()
    enough = length.index[length >= MINIMUM_HISTORY]
    counts = events.groupby(["user_id", "category"]).size()
    found |= hygiene(events) | identity(events, length) | depth(events)
    found |= saturation(events[events["user_id"].isin(enough)]) | exchangeability(events, counts)
    found |= lags(events) | transitions(events, counts)
    return found | sample(events, enough)


def faults(raw: pd.DataFrame) -> Statistics:
    """Rows, nulls, the span, events an hour."""
    hourly = (raw["timestamp"] // HOUR).value_counts()
    return {
        "rows": len(raw),
        "nulls": int(raw.isna().sum().sum()),
        "first_time": int(raw["timestamp"].min()),
        "last_time": int(raw["timestamp"].max()),
        "busiest_hour": int(hourly.max()),
    }


def ordered(raw: pd.DataFrame) -> pd.DataFrame:
    """Valid events without exact repeats, by user and time, each with its position in the user's history."""
    valid = raw.dropna(subset=["user_id", "item_id", "timestamp"]).drop_duplicates(IDENTITY)
    events = valid.sort_values(["user_id", "timestamp"], ignore_index=True)
    events["position"] = events.groupby("user_id").cumcount()
    return events


def hygiene(events: pd.DataFrame) -> Statistics:
    """Ties and distinct times a user."""
    tied = events.duplicated(["user_id", "timestamp"], keep=False)
    distinct = events.groupby("user_id")["timestamp"].nunique().value_counts()
    return {"tied_events": int(tied.sum()), "distinct_times": weighted(distinct)}


def identity(events: pd.DataFrame, length: pd.Series) -> Statistics:
    """How long ids live, and how many are born, die and are active on each day."""
    life = events.groupby("user_id")["timestamp"].agg(["min", "max"])
    living = life[length > 1]
    octave = octaves(living["max"] - living["min"]).value_counts()
    active = events.assign(day=events["timestamp"] // DAY).drop_duplicates(["user_id", "day"])
    return {
        "users_seen_once": int((length == 1).sum()),
        "users_living": len(living),
        "lifetimes_by_octave": weighted(octave),
        "births_by_day": weighted((life["min"] // DAY).value_counts()),
        "deaths_by_day": weighted((life["max"] // DAY).value_counts()),
        "active_users_by_day": weighted(active["day"].value_counts()),
    }


def depth(events: pd.DataFrame) -> Statistics:
    """Strictly earlier events of the user at each event."""
    prior = events.groupby(["user_id", "timestamp"])["position"].transform("min")
    histogram = prior.value_counts()
    return {
        "requests_without_history": int(histogram[0]),
        "requests_with_10": int(histogram[histogram.index >= 10].sum()),
    }


def saturation(deep: pd.DataFrame) -> Statistics:
    """Items and categories that a user with enough history met once and twice (Good and Turing)."""
    found: Statistics = {}
    for kind, column in (("items", "item_id"), ("categories", "category")):
        counts = deep.groupby(["user_id", column]).size()
        found[f"single_{kind}"] = int((counts == 1).groupby("user_id").sum().sum())
        found[f"double_{kind}"] = int((counts == 2).groupby("user_id").sum().sum())
    return found


def exchangeability(events: pd.DataFrame, counts: pd.Series) -> Statistics:
    """Adjacent pairs of one category and what chance would give, summed over users of the same length."""
    same = (events["category"] == events["category"].shift()) & (events["position"] > 0)
    per_user = pd.DataFrame(
        {
            "length": counts.groupby("user_id").sum(),
            "observed": same.groupby(events["user_id"]).sum(),
            "s2": (counts * (counts - 1)).groupby("user_id").sum(),
            "s3": (counts * (counts - 1) * (counts - 2)).groupby("user_id").sum(),
        }
    )
    per_user["s2_squared"] = per_user["s2"] ** 2
    by_length = per_user[per_user["length"] > 1].groupby("length").sum()
    return {
        "adjacent_pairs": int(by_length["observed"].sum()),
        **{name: int(by_length[name].sum()) for name in ("s2", "s2_squared", "s3")},
    }


def lags(events: pd.DataFrame) -> Statistics:
    """Does the category match that of an earlier event: by events back, and by time back in octaves?"""
    turn = events["position"] % len(LAGS)
    parts = []
    for number, lag in enumerate(LAGS):
        paired = (turn == number) & (events["position"] >= lag)
        match = events["category"] == events["category"].shift(lag)
        apart = (events["timestamp"] - events["timestamp"].shift(lag))[paired]
        parts.append(pd.DataFrame({"lag": lag, "octave": octaves(apart), "match": match[paired]}))
    pairs = pd.concat(parts)
    found: Statistics = {}
    for name in ("lag", "octave"):
        table = pairs.groupby(name)["match"].agg(["size", "sum"])
        found |= {f"pairs_by_{name}": weighted(table["size"]), f"matches_by_{name}": weighted(table["sum"])}
    return found


def transitions(events: pd.DataFrame, counts: pd.Series) -> Statistics:
    """From category to category between adjacent events, and what each user's own mix would give."""
    inside = events["position"] > 0
    observed = pd.crosstab(events["category"].shift()[inside], events["category"][inside])
    user, category = counts.index.codes
    mix = sparse.csr_array((counts.to_numpy(dtype=float), (user, category)))
    expected = expected_transitions(mix)  # joining the table to itself takes 84 million rows
    return {
        "transitions": int(observed.to_numpy().sum()),
        "expected_same": round(float(np.trace(expected))),
    }


def expected_transitions(mix: sparse.csr_array) -> np.ndarray:
    """The sum over users of n_a n_b / N, from their counts n by category."""
    share = mix.multiply(1 / mix.sum(axis=1)[:, None]).tocsr()
    return np.asarray((mix.T @ share).toarray())


def sample(events: pd.DataFrame, enough: pd.Index) -> Statistics:
    """The events of the users with the smallest hashes, of those with enough history."""
    hashes = pd.Series(pd.util.hash_array(np.asarray(enough)), index=enough)
    chosen = hashes.nsmallest(SAMPLED_USERS).index
    return {"sampled_users": len(chosen), "sampled_events": len(events[events["user_id"].isin(chosen)])}


def octaves(seconds: pd.Series) -> pd.Series:
    """The bit length of a time: 0, 1, 2-3, 4-7 ... seconds (the half keeps powers of two on their side)."""
    return pd.Series(np.floor(np.log2(seconds + 0.5)).astype(int) + 1)


def weighted(table: pd.Series) -> int:
    """A table of counts in one number that tells whether two tables agree."""
    return int((table.index.to_numpy() * table.to_numpy()).sum())
