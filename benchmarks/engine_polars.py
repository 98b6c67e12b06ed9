"""The statistics of the engine's pass in Polars' own expressions: the other peer. See `engine_peers`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from scipy import sparse

from benchmarks.engine_peers import DAY, HOUR, IDENTITY, LAGS, MINIMUM_HISTORY, SAMPLED_USERS, Statistics

TABLES = ("lag", "octave")


def statistics(path: Path) -> Statistics:
    """All statistics of a log."""
    raw = pl.read_parquet(path)
    found = faults(raw)
    # Names become numbers once: sorting and grouping the strings themselves takes three times as long.
    raw = raw.with_columns(pl.col(pl.String).cast(pl.Categorical).to_physical())
    events = ordered(raw)
    found |= {"events": len(events), "duplicates": len(raw) - len(events)}
    del raw
    found |= {"items": events["item_id"].n_unique()} | hygiene(events) | depth(events)
    users = per_user(events)
    found |= identity(events, users)
    counts = events.group_by("user", "category").agg(count=pl.len().cast(pl.Int64))
    found |= saturation(events, users, counts) | exchangeability(users, counts)
    found |= lags(events) | transitions(events, counts)
    return found | sample(events, users)


def faults(raw: pl.DataFrame) -> Statistics:
    """Rows, nulls, the span, events an hour."""
    hourly = raw.group_by(pl.col("timestamp") // HOUR).len()
    return {
        "rows": len(raw),
        "nulls": sum(raw.null_count().row(0)),
        "first_time": raw["timestamp"].min(),
        "last_time": raw["timestamp"].max(),
        "busiest_hour": hourly["len"].max(),
    }


def ordered(raw: pl.DataFrame) -> pl.DataFrame:
    """Valid events without exact repeats, by user and time; users numbered in that order."""
    return (
        raw.lazy()
        .drop_nulls(["user_id", "item_id", "timestamp"])
        .unique(IDENTITY)
        .sort("user_id", "timestamp")
        .with_columns(
            user=pl.col("user_id").rle_id(),
            new_user=(pl.col("user_id") != pl.col("user_id").shift()).fill_null(True),
        )
        .with_columns(
            first_at_time=pl.col("new_user")
            | (pl.col("timestamp") != pl.col("timestamp").shift()).fill_null(True),
            position=pl.int_range(pl.len())
            - pl.int_range(pl.len()).filter("new_user").gather(pl.col("user")),
        )
        .with_columns(same=(pl.col("category") == pl.col("category").shift()) & (pl.col("position") > 0))
        .collect()
    )


def hygiene(events: pl.DataFrame) -> Statistics:
    """Events that share user and time with another."""
    alone = pl.col("first_at_time") & pl.col("first_at_time").shift(-1, fill_value=True)
    return {"tied_events": events.select((~alone).sum()).item()}


def depth(events: pl.DataFrame) -> Statistics:
    """Strictly earlier events of the user at each event."""
    prior = pl.when("first_at_time").then("position").forward_fill().alias("prior")
    histogram = events.select(prior).group_by("prior").len()
    return {
        "requests_without_history": total(histogram.filter(pl.col("prior") == 0)),
        "requests_with_10": total(histogram.filter(pl.col("prior") >= 10)),
    }


def per_user(events: pl.DataFrame) -> pl.DataFrame:
    """One row a user: its life, its length, its distinct times, its adjacent pairs of one category."""
    return events.group_by("user").agg(
        user_id=pl.col("user_id").first(),
        first=pl.col("timestamp").min(),
        last=pl.col("timestamp").max(),
        length=pl.len().cast(pl.Int64),
        distinct=pl.col("first_at_time").sum(),
        observed=pl.col("same").sum().cast(pl.Int64),
    )


def identity(events: pl.DataFrame, users: pl.DataFrame) -> Statistics:
    """How long ids live, and how many are born, die and are active on each day."""
    living = users.filter(pl.col("length") > 1)
    octave = living.group_by(octaves(pl.col("last") - pl.col("first")).alias("key")).len()
    day = pl.col("timestamp") // DAY
    active = events.filter((pl.col("position") == 0) | (day != day.shift())).group_by(day.alias("key")).len()
    return {
        "users": len(users),
        "users_seen_once": users.filter(pl.col("length") == 1).height,
        "users_living": len(living),
        "distinct_times": weighted(users.group_by(pl.col("distinct").alias("key")).len()),
        "lifetimes_by_octave": weighted(octave),
        "births_by_day": weighted(users.group_by((pl.col("first") // DAY).alias("key")).len()),
        "deaths_by_day": weighted(users.group_by((pl.col("last") // DAY).alias("key")).len()),
        "active_users_by_day": weighted(active),
    }


def saturation(events: pl.DataFrame, users: pl.DataFrame, categories: pl.DataFrame) -> Statistics:
    """Items and categories that a user with enough history met once and twice (Good and Turing)."""
    deep = users.filter(pl.col("length") >= MINIMUM_HISTORY).select("user")
    items = (
        events.join(deep, on="user", how="semi")
        .group_by("user", "item_id")
        .agg(count=pl.len().cast(pl.Int64))
    )
    found: Statistics = {}
    for kind, counts in (("items", items), ("categories", categories.join(deep, on="user", how="semi"))):
        each = counts.group_by("user").agg(
            single=(pl.col("count") == 1).sum(), double=(pl.col("count") == 2).sum()
        )
        found[f"single_{kind}"] = total(each, "single")
        found[f"double_{kind}"] = total(each, "double")
    return found


def exchangeability(users: pl.DataFrame, counts: pl.DataFrame) -> Statistics:
    """Adjacent pairs of one category and what chance would give, summed over users of the same length."""
    count = pl.col("count")
    chance = counts.group_by("user").agg(
        s2=(count * (count - 1)).sum(), s3=(count * (count - 1) * (count - 2)).sum()
    )
    by_length = (
        users.filter(pl.col("length") > 1)
        .join(chance, on="user")
        .with_columns(s2_squared=pl.col("s2") ** 2)
        .group_by("length")
        .agg(pl.col("observed", "s2", "s2_squared", "s3").sum())
    )
    return {
        "adjacent_pairs": total(by_length, "observed"),
        **{name: total(by_length, name) for name in ("s2", "s2_squared", "s3")},
    }


def lags(events: pl.DataFrame) -> Statistics:
    """Does the category match that of an earlier event: by events back, and by time back in octaves?"""
    lag = pl.lit(pl.Series(LAGS)).gather(pl.col("position") % len(LAGS))
    pairs = (
        events.lazy()
        .with_columns(lag=lag, row=pl.int_range(pl.len()))
        .with_columns(
            earlier=pl.when(pl.col("position") >= pl.col("lag")).then(pl.col("row") - pl.col("lag"))
        )
        .select(
            "lag",
            "earlier",
            octave=octaves(pl.col("timestamp") - pl.col("timestamp").gather("earlier")),
            match=pl.col("category") == pl.col("category").gather("earlier"),
        )
        .drop_nulls("earlier")
        .collect()
    )
    found: Statistics = {}
    for name in TABLES:
        table = pairs.group_by(pl.col(name).alias("key")).agg(pl.len(), matches=pl.col("match").sum())
        found[f"pairs_by_{name}"] = weighted(table)
        found[f"matches_by_{name}"] = weighted(table.select("key", len="matches"))
    return found


def transitions(events: pl.DataFrame, counts: pl.DataFrame) -> Statistics:
    """From category to category between adjacent events, and what each user's own mix would give."""
    observed = (
        events.lazy()
        .select("category", "position", previous=pl.col("category").shift())
        .filter(pl.col("position") > 0)
        .group_by("previous", "category")
        .len()
        .collect()
    )
    dense = counts.select("user", pl.col("category").rank("dense") - 1, "count")
    user, category, count = (dense[name].to_numpy() for name in ("user", "category", "count"))
    mix = sparse.csr_array((count.astype(float), (user, category)))
    share = mix.multiply(1 / mix.sum(axis=1)[:, None]).tocsr()
    expected = (mix.T @ share).toarray()
    return {"transitions": total(observed), "expected_same": round(float(np.trace(expected)))}


def sample(events: pl.DataFrame, users: pl.DataFrame) -> Statistics:
    """The events of the users with the smallest hashes, of those with enough history."""
    enough = users.filter(pl.col("length") >= MINIMUM_HISTORY)
    chosen = enough.select("user", hash=pl.col("user_id").hash()).bottom_k(SAMPLED_USERS, by="hash")
    taken = events.join(chosen, on="user", how="semi")
    return {"sampled_users": len(chosen), "sampled_events": len(taken)}


def octaves(seconds: pl.Expr) -> pl.Expr:
    """The bit length of a time: 0, 1, 2-3, 4-7 ... seconds (the half keeps powers of two on their side)."""
    return (seconds + 0.5).log(2).floor().cast(pl.Int64) + 1


def total(table: pl.DataFrame, column: str = "len") -> int:
    """The sum of a column."""
    return int(table[column].sum())


def weighted(table: pl.DataFrame) -> int:
    """A table of counts (columns key and len) in one number that tells whether two tables agree."""
    return int(table.select((pl.col("key").cast(pl.Int64) * pl.col("len").cast(pl.Int64)).sum()).item())
