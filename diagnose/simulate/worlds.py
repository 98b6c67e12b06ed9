"""Logs as a platform would hold them, with the truth that was planted in them.

Source of the mechanisms: docs/methods/worlds.md. Ids say nothing of the truth: they are shuffled.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from diagnose.errors import UsageError
from diagnose.simulate import catalogue, chains, shop, video
from diagnose.simulate.scene import SCENARIOS, SCENES, Scene

EPOCH_SECONDS = 1_704_067_200  # 2024-01-01 UTC, a Monday


@dataclass(frozen=True, eq=False)
class World:
    """A log and what is true of it."""

    table: pa.Table
    truth: dict[str, Any]
    totals: pa.Table  # user_id, events: all that each user did, logged or not; what a panel would count


def world(
    scenario: str,
    *,
    users: int | None = None,
    events_per_user: float | None = None,
    seed: int = 0,
    **knobs: Any,
) -> World:
    """The world of that name; `knobs` replace single fields of its Scene. Same arguments, same table.

    `events_per_user` is the mean before any loss: `long_video` logs about a tenth of it.

    >>> world("stable", users=100, seed=1).truth["order_in_behaviour"]
    False
    """
    scene = _scene(scenario, {"users": users, "events_per_user": events_per_user, **knobs}, seed)
    rng = np.random.default_rng(seed)
    build = _video if scenario == "long_video" else _shop
    table, extra, totals = build(scene, rng)
    return World(table=table, truth=_truth(scenario, scene, table) | extra, totals=totals)


def _scene(scenario: str, wanted: dict[str, Any], seed: int) -> Scene:
    if scenario not in SCENES:
        raise UsageError(
            f"no scenario is called {scenario!r}.",
            seen=", ".join(SCENARIOS),
            attempt=f"diagnose simulate {get_close_matches(scenario, SCENARIOS, n=1, cutoff=0.0)[0]}",
        )
    try:
        scene = replace(
            SCENES[scenario],
            seed=seed,
            **{name: value for name, value in wanted.items() if value is not None},
        )
    except TypeError as error:
        known = ", ".join(Scene.__dataclass_fields__)
        raise UsageError(f"a knob of {scenario} is not known: {error}", seen=known) from error
    if scene.users < 1 or scene.events_per_user <= 0 or not 0 < scene.capture <= 1:
        raise UsageError(
            "a world needs at least one user, some events and a capture rate in (0, 1].",
            seen=f"users {scene.users}, events a user {scene.events_per_user}, capture {scene.capture}",
        )
    return scene


Built = tuple[pa.Table, dict[str, Any], pa.Table]  # log, truth, totals


def _shop(scene: Scene, rng: np.random.Generator) -> Built:
    behaviour = shop.behave(scene, rng=rng)
    kept, own = seen(scene, behaviour.category, behaviour.session, rng=rng), None
    if scene.loss == "identity":  # every event is logged, the lost ones as those of nobody known
        own, kept = kept, np.ones(len(kept), dtype=np.bool_)
    names = catalogue.item_names(len(catalogue.SHOP) * scene.items_per_category, first=100_000, rng=rng)
    item = behaviour.category * scene.items_per_category + behaviour.place
    price = np.round(np.exp(rng.normal(3.5, 1.0, len(names))), 2)
    people = catalogue.user_names(scene.users, rng=rng)
    user = people[behaviour.user]
    session = rng.permutation(int(behaviour.session[-1]) + 1)
    if own is not None:
        visitors = np.array([f"visitor{number:08d}" for number in session])
        user = np.where(own, user, visitors[behaviour.session])
    order = _in_time(behaviour.seconds, kept, scene, rng=rng)
    columns: dict[str, pa.Array] = {
        "user_id": pa.array(user[order]),
        "item_id": pa.array(names[item[order]]),
        "category": _labels(behaviour.category[order], catalogue.SHOP),
        "event_type": _labels(behaviour.event[order], shop.EVENTS),
        "timestamp": _times(behaviour.seconds[order], scene),
    }
    if scene.sessions:
        columns["session_id"] = pa.array(session[behaviour.session[order]])
    if scene.prices:
        columns["price"] = pa.array(price[item[order]])
    lag = np.diff(behaviour.seconds, prepend=0)[behaviour.followed] / chains.SECONDS_PER_DAY
    extra = {
        "events_before_loss": len(kept),
        "paths_followed": len(lag),
        "path_lag_days_median": float(np.median(lag)) if len(lag) else None,
    }
    return pa.table(columns), extra, _totals(people, behaviour.user)


def _video(scene: Scene, rng: np.random.Generator) -> Built:
    shelf = video.library(rng=rng)
    viewing = video.watch(scene, shelf, rng=rng)
    kept = seen(scene, viewing.genre, np.arange(len(viewing.user)), rng=rng)
    handed = ~kept & (rng.random(len(kept)) < scene.hand_off_share)
    names = catalogue.item_names(shelf.items, first=7_000_000, rng=rng)
    app = rng.integers(0, video.APPS, scene.users)
    user = catalogue.user_names(scene.users, rng=rng)
    order = _in_time(viewing.seconds, kept | handed, scene, rng=rng)
    play = kept[order]
    serial = play & (viewing.series[order] >= 0)
    categories = (*catalogue.GENRES, catalogue.APPS_CATEGORY)
    series_name = 30_000 + rng.permutation(len(shelf.length))
    table = pa.table(
        {
            "user_id": pa.array(user[viewing.user[order]]),
            "item_id": pa.array(
                np.where(play, names[viewing.title[order]], 9_000_000 + app[viewing.user[order]])
            ),
            "category": _labels(np.where(play, viewing.genre[order], len(catalogue.GENRES)), categories),
            "event_type": _labels(np.where(play, 0, 1), video.EVENTS),
            "timestamp": _times(viewing.seconds[order], scene),
            "series": pa.array(series_name[np.maximum(viewing.series[order], 0)], mask=~serial),
            "ordinal": pa.array(viewing.ordinal[order].astype(np.int16), mask=~serial),
            "duration": pa.array(viewing.duration[order].astype(np.int32), mask=~play),
        }
    )
    lost = float(viewing.duration[~kept].sum())
    extra = {
        "events_before_loss": len(kept),
        "viewing_time_logged": float(viewing.duration[kept].sum() / viewing.duration.sum()),
        "lost_time_with_a_hand_off": float(viewing.duration[handed].sum() / lost) if lost else 0.0,
        "hand_off_event": video.EVENTS[1],
        "series_lengths": list(video.SERIES_LENGTHS),
        "episodes_skipped": 0.0,
    }
    return table, extra, _totals(user, viewing.user)


def _totals(people: NDArray[np.str_], user: NDArray[np.int64]) -> pa.Table:
    """What each user did in all."""
    return pa.table(
        {"user_id": pa.array(people), "events": pa.array(np.bincount(user, minlength=len(people)))}
    )


def seen(
    scene: Scene, category: NDArray[np.int64], session: NDArray[np.int64], *, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Marks the events that the log holds, shape (events,), under the scene's pattern of loss."""
    if scene.capture >= 1:
        return np.ones(len(category), dtype=np.bool_)
    if scene.loss == "events":
        return np.asarray(rng.random(len(category)) < scene.capture)
    if scene.loss in ("sessions", "identity"):
        return np.asarray((rng.random(int(session.max()) + 1) < scene.capture)[session])
    size = int(category.max()) + 1
    return np.asarray((rng.permutation(size) < round(scene.capture * size))[category])


def _in_time(
    seconds: NDArray[np.int64], kept: NDArray[np.bool_], scene: Scene, *, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Indices of the events that the log holds, in time order; events of one time in no order."""
    index = np.flatnonzero(kept)
    key = seconds[index] // chains.SECONDS_PER_DAY if scene.dates_only else seconds[index]
    return np.asarray(index[np.lexsort((rng.random(len(index)), key))])


def _times(seconds: NDArray[np.int64], scene: Scene) -> pa.Array:
    """UTC timestamps of millisecond type, whole seconds; or dates."""
    if scene.dates_only:
        last = int(scene.days) - 1
        days = np.minimum(seconds // chains.SECONDS_PER_DAY, last) + EPOCH_SECONDS // chains.SECONDS_PER_DAY
        return pa.array(days.astype(np.int32)).cast(pa.date32())
    return pa.array((EPOCH_SECONDS + seconds) * 1000).cast(pa.timestamp("ms", tz="UTC"))


def _labels(code: NDArray[np.int64], names: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(code.astype(np.int8)), pa.array(names)).cast(pa.string())


def _truth(scenario: str, scene: Scene, table: pa.Table) -> dict[str, Any]:
    """What is true of the world, in numbers that a probe can be held against."""
    moves = scene.half_life_days is not None
    return {
        "scenario": scenario,
        "description": SCENARIOS[scenario],
        "scene": asdict(scene),
        "interests_move": moves,
        "half_life_days": scene.half_life_days,
        "catalogue_moves": scene.trend > 0 or scene.life is not None,
        "order_in_behaviour": moves or scene.sticky,
        "order_in_log": (moves or scene.sticky) and not scene.dates_only,
        "directed_paths": [
            {"from": source, "to": target, "share": scene.path_share}
            for source, target in catalogue.SHOP_PATHS.items()
            if scene.path_share
        ],
        "capture": {"rate": scene.capture, "unit": "events", "loss": scene.loss},
        "events": table.num_rows,
        "users": len(table["user_id"].unique()),
        "items": len(table["item_id"].unique()),
        "categories": len(table["category"].unique()),
    }
