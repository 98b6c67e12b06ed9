"""Second logs: of the events that another observer saw, how many does this log have?

Statistic  Events of both logs are matched one to one on user, item (and kind) within a tolerance of time.
           Two lists: n1 / N with Chapman's N; three or more: N of the log-linear Poisson model of least AIC.
Null       1: the log has whatever others saw. Matches by coincidence are counted by moving a clock by days.
Interval   Percentile bootstrap over users, never narrower than independent events would give (Wilson).
           Two lists: it spans the pooled estimate and those within strata of users by activity and of items
           by popularity. The lower end goes down by the share of the matches that may be coincidence.
Reference  Chapman (1951); Sekar and Deming (1949) on strata; Fienberg (1972) on dependent lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.comparison import Comparison, compare
from diagnose.capture.observed import Observed
from diagnose.capture.shares import exact, proportion
from diagnose.capture.together import EVERYTHING
from diagnose.histories import MICROSECONDS_PER_SECOND
from diagnose.results import Estimate, Measured, Probed, Series, Skipped, Statement
from diagnose.schema.mapping import listed
from diagnose.settings import Settings
from diagnose.stats import recapture
from diagnose.stats.bootstrap import bootstrap, quantile_interval, resample_sums

NAME = "second_log"
QUESTION = "Of the events that another observer saw, how many does this log have?"
SCOPE = "events that the observers can both see, of users in either log"
OF_TWO = (
    "the observers miss events independently of one another: where both miss the same ones, the log holds "
    "less than this"
)
OF_MANY = (
    "any two observers may tend to miss the same events, as far as the model shows; what every one of them "
    "is bound to miss is not counted"
)
AT_MOST = "and what neither of them can see comes on top, so of all behaviour the log holds no more"
UNIT = "share of events"
KINDS = "events_by_kind"
Numbers = NDArray[np.float64]
Told = tuple[dict[str, Estimate], tuple[Series, ...]]


def measure(lists: Sequence[Observed], *, settings: Settings, rng: np.random.Generator) -> Probed:
    """The share of all events that the first list has. `lists`: this log, then the others; two or more."""
    limits = settings.anchors
    if len(lists) > limits.most_observers:
        return _skipped(f"{len(lists)} logs are more than the {limits.most_observers} that are compared")
    found = compare(lists, limits=limits)
    if isinstance(found, str):
        return _skipped(found)
    told = (_of_two if len(lists) == 2 else _of_many)(found, settings=settings, rng=rng)
    if isinstance(told, str):
        return _skipped(told)
    estimates, series = told
    if found.kinds:
        series += (_by_kind(found.kinds),)
    chance = exact(found.tolerance.chance, unit="share of matches")
    seconds = exact(found.tolerance.width / MICROSECONDS_PER_SECOND, unit="seconds")
    return Measured(
        name=NAME,
        condition="capture",
        users=found.users,
        estimates=estimates | {"matched_by_chance": chance, "tolerance": seconds},
        series=series,
    )


def statements(probed: Probed) -> tuple[Statement, ...]:
    """What the observers say together about capture, grade A; nothing where they could not be compared."""
    if not isinstance(probed, Measured):
        return ()
    share = probed.estimates["second_log_share"]
    kinds = next((each.x for each in probed.series if each.name == KINDS), ())
    only = f", of the kinds that all of them record only: {listed(list(map(str, kinds)), most=3)}"
    seen = Statement(
        probe=NAME,
        unit="events",
        scope=SCOPE + (only if kinds else ""),
        low=share.low,
        high=share.high,
        level=share.level,
        grade="A",
        assumption=OF_TWO if "pooled_share" in probed.estimates else OF_MANY,
    )
    if kinds:
        return (seen,)
    every = replace(seen, scope=EVERYTHING, low=0.0, assumption=f"{seen.assumption}; {AT_MOST}", whole=True)
    return seen, every


def _of_two(found: Comparison, *, settings: Settings, rng: np.random.Generator) -> Told | str:
    """Chapman's estimate, pooled and within strata; the interval spans them."""
    strata = settings.anchors.strata
    pooled = _chapman(found.counts(), rng=rng)
    kinds = {"user_activity": found.by_activity(strata), "item_popularity": found.by_popularity(strata)}
    tables = {name: found.counts(stratum, strata=strata) for name, stratum in kinds.items()}
    within = {name: _chapman(table, rng=rng) for name, table in tables.items()}
    every = (pooled, *within.values())
    spanned = replace(pooled, low=min(one.low for one in every), high=max(one.high for one in every))
    share = _guarded(spanned, found)
    named = {f"share_by_{name}": one for name, one in within.items()}
    series = tuple(_by_stratum(name, table, rng=rng) for name, table in tables.items())
    return {"second_log_share": share, "pooled_share": pooled, **named}, series


def _of_many(found: Comparison, *, settings: Settings, rng: np.random.Generator) -> Told | str:
    """The log-linear estimate, its model chosen once; beside it what independence would say."""
    counts = found.counts()[:, 0, :]
    totals, lists = counts.sum(axis=0), found.lists
    model = recapture.chosen(totals, lists=lists)
    if model is None:
        return "no log-linear model of these logs can be fitted: too few events are in several of them"
    draws = resample_sums(counts, rng=rng, draws=settings.anchors.refits)
    own = recapture.seen_by(lists)[:, 0]

    def share(cells: Numbers, fitted: recapture.LogLinear) -> float:
        return float(cells[own].sum()) / recapture.total(cells, fitted)

    def estimate(fitted: recapture.LogLinear) -> Estimate:
        low, high = quantile_interval(np.array([share(draw, fitted) for draw in draws]))
        return Estimate(value=share(totals, fitted), low=low, high=high, unit=UNIT)

    named = {"second_log_share": _guarded(estimate(model), found)}
    free = recapture.independent(totals, lists=lists)
    if free is not None:
        named["share_if_independent"] = estimate(free)
    return named, (_by_pair(found, rng=rng),)


def _chapman(counts: Numbers, *, rng: np.random.Generator) -> Estimate:
    """The share of the first list of two from counts (U, strata, 4); totals are added up over strata."""
    strata = counts.shape[1]

    def share(totals: Numbers) -> Numbers:
        cell = totals.reshape(-1, strata, 4)
        first, second, both = cell[..., 1] + cell[..., 3], cell[..., 2] + cell[..., 3], cell[..., 3]
        return np.asarray(first.sum(axis=1) / recapture.chapman(first, second, both).sum(axis=1))

    return bootstrap(counts.reshape(len(counts), -1), share, unit=UNIT, rng=rng)


def _guarded(share: Estimate, found: Comparison) -> Estimate:
    """No narrower than independent events would give; wider by coincidences, and by matches left out."""
    others = found.code[found.code > 1]
    matched = proportion(int((others & 1).sum()), len(others))
    low = min(share.low, share.value - (matched.value - matched.low))
    high = max(share.high, share.value + (matched.high - matched.value))
    low, high = low * (1 - found.tolerance.chance), high * (1 + found.tolerance.missed)
    return replace(share, low=max(0.0, low), high=min(1.0, high))


def _by_stratum(name: str, counts: Numbers, *, rng: np.random.Generator) -> Series:
    """The share in each stratum, from few events of the user or item to many."""
    shares = [_chapman(counts[:, [place]], rng=rng) for place in range(counts.shape[1])]
    return _drawn(
        f"share_by_{name}", [str(place + 1) for place in range(len(shares))], shares, unit_x="stratum"
    )


def _by_pair(found: Comparison, *, rng: np.random.Generator) -> Series:
    """What each second log alone would say, by Chapman."""
    codes = recapture.seen_by(found.lists)
    counts = found.counts()[:, 0, :]
    shares = []
    for other in range(1, found.lists):
        history = codes[:, 0] + 2 * codes[:, other].astype(np.int64)
        pair = np.stack([counts[:, history == seen].sum(axis=1) for seen in range(4)], axis=1)
        shares.append(_chapman(pair[:, None, :], rng=rng))
    names = [str(other) for other in range(1, found.lists)]
    return _drawn("share_by_second_log", names, shares, unit_x="second log")


def _by_kind(kinds: Mapping[str, int]) -> Series:
    """What was compared, where some kinds of event were not."""
    events = tuple(map(float, kinds.values()))
    return Series(name=KINDS, x=tuple(kinds), y=events, unit_x="kind of event", unit_y="events")


def _drawn(name: str, x: Sequence[str], shares: Sequence[Estimate], *, unit_x: str) -> Series:
    return Series(
        name=name,
        x=tuple(x),
        y=tuple(share.value for share in shares),
        unit_x=unit_x,
        unit_y=UNIT,
        low=tuple(share.low for share in shares),
        high=tuple(share.high for share in shares),
    )


def _skipped(reason: str) -> Skipped:
    return Skipped(name=NAME, condition="capture", reason=reason)
