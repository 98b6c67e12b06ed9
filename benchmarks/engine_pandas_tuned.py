"""The same statistics in pandas by someone who has profiled them: the harder peer.

Ids become numbers before anything is grouped; what the sort has put side by side is compared, not grouped
again; numpy gathers where pandas would shift seven times. See `engine_peers`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from benchmarks import engine_peers
from benchmarks.engine_pandas import expected_transitions, faults, octaves, weighted
from benchmarks.engine_peers import CODED, DAY, IDENTITY, MINIMUM_HISTORY, SAMPLED_USERS, Statistics

LAGS = np.array(engine_peers.LAGS)


def statistics(path: Path) -> Statistics:
    """All statistics of a log."""
    raw = pd.read_parquet(path)
    found = faults(raw)
    names = {name: pd.factorize(raw[name]) for name in CODED}  # null becomes -1
    found |= {"users": len(names["user_id"][1]), "items": len(names["item_id"][1])}
    hashes = pd.Series(pd.util.hash_array(np.asarray(names["user_id"][1])))
    raw = raw.assign(**{name: codes for name, (codes, _) in names.items()})
    events = ordered(raw)
    found |= {"events": len(events), "duplicates": len(raw) - len(events)}
    del raw
    found |= hygiene(events) | identity(events) | depth(events)
    length = events.groupby("user_id", sort=False).size()
    enough = length.index[length >= MINIMUM_HISTORY]
    counts = events.groupby(["user_id", "category"], sort=False).size()
    found |= saturation(events, counts, enough) | exchangeability(events, counts)
    found |= lags(events) | transitions(events, counts)
    return found | sample(events, hashes[enough])


def ordered(raw: pd.DataFrame) -> pd.DataFrame:
    """Valid events without exact repeats, by user and time, each with its position in the user's history."""
    valid = raw[(raw["user_id"] >= 0) & (raw["item_id"] >= 0) & raw["timestamp"].notna()]
    events = valid.drop_duplicates(IDENTITY).sort_values(["user_id", "timestamp"], ignore_index=True)
    new_user = events["user_id"] != events["user_id"].shift()
    events["first_at_time"] = new_user | (events["timestamp"] != events["timestamp"].shift())
    events["position"] = events.groupby("user_id", sort=False).cumcount()
    return events


def hygiene(events: pd.DataFrame) -> Statistics:
    """Ties and distinct times a user."""
    alone = events["first_at_time"] & events["first_at_time"].shift(-1, fill_value=True)
    distinct = events.groupby("user_id", sort=False)["first_at_time"].sum().value_counts()
    return {"tied_events": int((~alone).sum()), "distinct_times": weighted(distinct)}


def identity(events: pd.DataFrame) -> Statistics:
    """How long ids live, and how many are born, die and are active on each day."""
    grouped = events.groupby("user_id", sort=False)["timestamp"]
    life = pd.DataFrame({"first": grouped.min(), "last": grouped.max(), "events": grouped.size()})
    living = life[life["events"] > 1]
    octave = octaves(living["last"] - living["first"]).value_counts()
    day = events["timestamp"] // DAY
    active = day[(events["position"] == 0) | (day != day.shift())].value_counts()
    return {
        "users_seen_once": int((life["events"] == 1).sum()),
        "users_living": len(living),
        "lifetimes_by_octave": weighted(octave),
        "births_by_day": weighted((life["first"] // DAY).value_counts()),
        "deaths_by_day": weighted((life["last"] // DAY).value_counts()),
        "active_users_by_day": weighted(active),
    }


def depth(events: pd.DataFrame) -> Statistics:
    """Strictly earlier events of the user at each event."""
    prior = events["position"].where(events["first_at_time"]).ffill()
    histogram = prior.value_counts()
    return {
        "requests_without_history": int(histogram[0]),
        "requests_with_10": int(histogram[histogram.index >= 10].sum()),
    }


def saturation(events: pd.DataFrame, categories: pd.Series, enough: pd.Index) -> Statistics:
    """Items and categories that a user with enough history met once and twice (Good and Turing)."""
    deep = events[events["user_id"].isin(enough)]
    items = deep.groupby(["user_id", "item_id"], sort=False).size()
    categories = categories[categories.index.get_level_values("user_id").isin(enough)]
    found: Statistics = {}
    for kind, counts in (("items", items), ("categories", categories)):
        user = counts.index.get_level_values("user_id")
        per_user = (
            pd.DataFrame({"single": counts == 1, "double": counts == 2}).groupby(user, sort=False).sum()
        )
        found[f"single_{kind}"] = int(per_user["single"].sum())
        found[f"double_{kind}"] = int(per_user["double"].sum())
    return found


def exchangeability(events: pd.DataFrame, counts: pd.Series) -> Statistics:
    """Adjacent pairs of one category and what chance would give, summed over users of the same length."""
    same = (events["category"] == events["category"].shift()) & (events["position"] > 0)
    user = counts.index.get_level_values("user_id")
    per_user = pd.DataFrame(
        {
            "length": counts.groupby(user, sort=False).sum(),
            "observed": same.groupby(events["user_id"], sort=False).sum(),
            "s2": (counts * (counts - 1)).groupby(user, sort=False).sum(),
            "s3": (counts * (counts - 1) * (counts - 2)).groupby(user, sort=False).sum(),
        }
    )
    per_user["s2_squared"] = per_user["s2"] ** 2
    by_length = per_user[per_user["length"] > 1].groupby("length").sum().sum()
    return {
        "adjacent_pairs": int(by_length["observed"]),
        "s2": int(by_length["s2"]),
        "s2_squared": int(by_length["s2_squared"]),
        "s3": int(by_length["s3"]),
    }


def lags(events: pd.DataFrame) -> Statistics:
    """Does the category match that of an earlier event: by events back, and by time back in octaves?"""
    position = events["position"].to_numpy()
    lag = LAGS[position % len(LAGS)]
    later = np.flatnonzero(position >= lag)
    earlier = later - lag[later]
    category, time = events["category"].to_numpy(), events["timestamp"].to_numpy()
    pairs = pd.DataFrame(
        {
            "lag": lag[later],
            "octave": octaves(pd.Series(time[later] - time[earlier])),
            "match": category[later] == category[earlier],
        }
    )
    by_lag = pairs.groupby("lag")["match"].agg(["size", "sum"])
    by_octave = pairs.groupby("octave")["match"].agg(["size", "sum"])
    return {
        "pairs_by_lag": weighted(by_lag["size"]),
        "matches_by_lag": weighted(by_lag["sum"]),
        "pairs_by_octave": weighted(by_octave["size"]),
        "matches_by_octave": weighted(by_octave["sum"]),
    }


def transitions(events: pd.DataFrame, counts: pd.Series) -> Statistics:
    """From category to category between adjacent events, and what each user's own mix would give."""
    previous = events["category"].shift(fill_value=0).where(events["position"] > 0, -1)
    observed = events.groupby([previous, events["category"].rename("next")]).size().unstack(fill_value=0)
    user, category = (counts.index.get_level_values(name).to_numpy() for name in ("user_id", "category"))
    mix = sparse.csr_array((counts.to_numpy(dtype=float), (user, category)))
    return {
        "transitions": int(observed.drop(index=-1).to_numpy().sum()),
        "expected_same": round(float(np.trace(expected_transitions(mix)))),
    }


def sample(events: pd.DataFrame, hashes: pd.Series) -> Statistics:
    """The events of the users with the smallest hashes."""
    chosen = hashes.nsmallest(SAMPLED_USERS).index
    return {"sampled_users": len(chosen), "sampled_events": len(events[events["user_id"].isin(chosen)])}
