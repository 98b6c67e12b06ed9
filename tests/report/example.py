"""Test data: one whole result for each outcome, from plain numbers that agree with one another.

Every number is invented. Contrasts are the differences of the arms, parts add up to their totals,
shares are parts over wholes, so that a drawing that contradicts itself shows.
"""

from __future__ import annotations

import dataclasses
import math

import captured

from diagnose.results import (
    Arm,
    ArmTiming,
    Capture,
    Contrast,
    Estimate,
    Fault,
    Flip,
    Hygiene,
    LogFacts,
    Measured,
    Probed,
    Reason,
    Result,
    Series,
    Skipped,
    Statement,
    Stratum,
    Timings,
    Tool,
    Trial,
    Verdict,
    Wanted,
)

ASKED = 0.003
HALF_LIFE, PLATEAU, START = 2.9, 0.20, 0.62
ARMS = {  # name: (GAUC, parameters, training seconds, ms)
    "floor": (0.8874, 7, 0.0, 0.2),
    "dnn": (0.9021, 210_000, 5.0, 0.6),
    "dnn_decayed": (0.9128, 210_000, 5.0, 0.6),
    "din": (0.9091, 340_000, 21.0, 2.1),
    "dien_shuffled": (0.9079, 610_000, 72.0, 6.9),
    "dien_no_auxiliary": (0.9129, 580_000, 58.0, 6.9),
    "dien": (0.9136, 610_000, 72.0, 6.9),
    "dien_ties": (0.9135, 610_000, 71.0, 6.9),
}
PAIRS = {  # contrast: (arm, arm subtracted)
    "lift": ("dien", "dnn"),
    "recency_gain": ("dnn_decayed", "dnn"),
    "attention_gain": ("din", "dnn"),
    "order_gain": ("dien", "din"),
    "auxiliary_gain": ("dien", "dien_no_auxiliary"),
    "beyond_recency": ("dien", "dnn_decayed"),
    "tie_effect": ("dien", "dien_ties"),
    "order_aware_gain": ("dien", "din"),
}


def estimate(value: float, half: float, unit: str) -> Estimate:
    return Estimate(value=value, low=value - half, high=value + half, unit=unit)


def order_information() -> Measured:
    bits = {
        "total": 0.311,
        "recency": 0.274,
        "direction": 0.037,
        "across_sessions": 0.118,
        "within_session": 0.193,
    }
    estimates = {name: estimate(value, 0.03 * value + 0.002, "bits/event") for name, value in bits.items()}
    return Measured(
        name="order_information",
        condition="drift",
        users=12_000,
        estimates={
            **estimates,
            "share": estimate(0.311 / 3.42, 0.003, "share"),
            "second_order": estimate(0.004, 0.001, "bits/event"),
            "history_needed": Estimate(value=8, low=5, high=8, unit="events"),
        },
        series=(
            shown(
                "order information by window",
                {1: 0.12, 2: 0.17, 3: 0.21, 5: 0.255, 8: 0.285, 13: 0.301, 21: 0.308, 34: 0.311, 50: 0.311},
                0.009,
                "bits/event",
            ),
            shown(
                "order information by activity",
                {"light users": 0.04, "middle users": 0.08, "heavy users": 0.11},
                0.006,
                "share",
            ),
            shown(
                "targets by activity",
                {"light users": 0.1, "middle users": 0.3, "heavy users": 0.6},
                0,
                "share",
            ),
            shown(
                "order information by category",
                {"Computers": 0.14, "Strollers": 0.11, "Books": 0.003, "other categories": 0.08},
                0.008,
                "share",
            ),
            shown(
                "targets by category",
                {"Computers": 0.12, "Strollers": 0.07, "Books": 0.05, "other categories": 0.76},
                0,
                "share",
            ),
        ),
    )


def shown(name: str, points: dict[float, float] | dict[str, float], half: float, unit: str) -> Series:
    """A series with intervals of one half width; none where that is 0."""
    return Series(
        name=name,
        x=tuple(points),
        y=tuple(points.values()),
        unit_x="",
        unit_y=unit,
        low=tuple(value - half for value in points.values()) if half else (),
        high=tuple(value + half for value in points.values()) if half else (),
    )


PATHS = {  # name: (lift, middle half and median of the lag in days, times, the other way)
    "Computers → Keyboards & mice": (4.8, (0.6, 1.9, 5.2), 8_100, 1_900),
    "Strollers → Car seats": (4.1, (2.1, 6.5, 15.0), 2_220, 780),
    "Phones → Phone cases": (3.9, (0.1, 0.5, 2.2), 7_900, 2_100),
    "Running shoes → Sports watches": (1.9, (2.4, 8.6, 21.0), 1_220, 780),
}


def evolution_paths() -> Measured:
    lags = {name: lag for name, (_, lag, _, _) in PATHS.items()}
    return Measured(
        name="evolution_paths",
        condition="drift",
        users=12_000,
        estimates={
            "paths": Estimate(value=41, low=41, high=41, unit="paths"),
            "directed_share": estimate(0.08, 0.006, "share"),
            "asymmetry": estimate(32.0, 1.645, "standard deviations"),
        },
        series=(
            shown("path_lift", {name: path[0] for name, path in PATHS.items()}, 0.3, "lift"),
            Series(
                name="path_lag_days",
                x=tuple(lags),
                y=tuple(lag[1] for lag in lags.values()),
                low=tuple(lag[0] for lag in lags.values()),
                high=tuple(lag[2] for lag in lags.values()),
                unit_x="path",
                unit_y="days",
            ),
            shown("path_events", {name: path[2] for name, path in PATHS.items()}, 0, "events"),
            shown("path_reverse_events", {name: path[3] for name, path in PATHS.items()}, 0, "events"),
        ),
    )


def turnover() -> Measured:
    seen = {1: 1.0, 2: 0.62, 4: 0.45, 8: 0.31, 16: 0.22, 32: 0.17, 64: 0.15}
    return Measured(
        name="turnover",
        condition="drift",
        users=8_000,
        estimates={
            "turnover": estimate(0.31, 0.02, "share"),
            "late_novelty": estimate(0.06, 0.005, "share"),
        },
        series=(
            shown("new_category_share", seen, 0.01, "share"),
            shown("new_category_share_by_chance", {x: y**1.4 for x, y in seen.items()}, 0, "share"),
        ),
    )


def catalogue_trend() -> Measured:
    return Measured(
        name="catalogue_trend",
        condition="drift",
        users=12_000,
        estimates={"per_week": estimate(0.0021, 0.0004, "bits/week")},
        series=(shown("mix_moved", {7: 0.002, 14: 0.0031, 21: 0.0012, 28: 0.0025}, 0.0006, "bits"),),
    )


def persistence(*, days: bool = True) -> Measured:
    lags = [10 ** (-1.3 + 0.27 * step) for step in range(12)]
    fine = [10 ** (-1.3 + 0.054 * step) for step in range(56)]

    def kappa(lag: float) -> float:
        return PLATEAU + (START - PLATEAU) * 2 ** (-lag / HALF_LIFE)

    def series(name: str, x: list[float], half: float, scale: float, unit: str) -> Series:
        y = tuple(kappa(lag) for lag in x)
        return Series(
            name=name,
            x=tuple(lag * scale for lag in x),
            y=y,
            unit_x=unit,
            unit_y="kappa",
            low=tuple(v - half for v in y),
            high=tuple(v + half for v in y),
        )

    per_day = 11 / HALF_LIFE
    estimates = {
        "half_life_events": Estimate(value=11, low=10, high=13, unit="events"),
        "drift_share": estimate(1 - PLATEAU / START, 0.03, "share"),
    }
    drawn = [
        series("kappa_events", [lag for lag in lags if lag * per_day >= 1], 0.012, per_day, "events"),
        shown(
            "drift_share_by_segment",
            {"light users": 0.61, "middle users": 0.66, "heavy users": 0.7, "Strollers": 0.8},
            0.05,
            "share",
        ),
    ]
    if days:
        estimates["half_life_days"] = Estimate(value=HALF_LIFE, low=2.5, high=3.4, unit="days")
        drawn += [
            series("kappa_calendar", lags, 0.01, 1, "days"),
            series("kappa_calendar_fit", fine, 0.014, 1, "days"),
        ]
    return Measured(
        name="interest_persistence", condition="drift", users=11_400, estimates=estimates, series=tuple(drawn)
    )


def probes() -> tuple[Probed, ...]:
    return (
        order_information(),
        Measured(
            name="item_order_information",
            condition="drift",
            users=9_000,
            estimates={
                "gain": estimate(0.0260, 0.0031, "GAUC"),
                "blind": estimate(0.8412, 0.002, "GAUC"),
                "full": estimate(0.8672, 0.002, "GAUC"),
            },
        ),
        persistence(),
        evolution_paths(),
        turnover(),
        catalogue_trend(),
        Measured(
            name="exchangeability",
            condition="drift",
            users=310_000,
            estimates={
                "z": Estimate(value=61, low=61, high=61, unit=""),
                "excess": estimate(0.12, 0.002, "share"),
            },
        ),
        Measured(
            name="identity",
            condition="capture",
            users=310_000,
            estimates={"single_visit_share": estimate(0.31, 0.001, "share of ids")},
        ),
        Measured(
            name="history_depth",
            condition="capture",
            users=310_000,
            estimates={
                "share_enough": estimate(0.714, 0.002, "share of requests"),
                "median_depth": Estimate(value=11, low=11, high=11, unit="events"),
            },
            series=(captured.depth(),),
        ),
        captured.outages(),
        captured.thinning(),
        Skipped(name="serial_gaps", condition="capture", reason="no column plays the role series"),
        Skipped(name="hand_offs", condition="capture", reason="no event was named as a hand-off"),
    )


def known_capture(low: float = 0.78, high: float = 0.89) -> Capture:
    said = Statement(
        probe="anchors",
        unit="events",
        scope="clicks inside this shop",
        low=low,
        high=high,
        level=0.9,
        grade="declared",
        assumption="The rate was declared by whoever ran the tool.",
        whole=True,
    )
    bare = Statement(
        probe="log",
        unit="events",
        scope="clicks inside this shop",
        low=0,
        high=1,
        level=1.0,
        grade="C",
        assumption="A bare log does not identify what it has missed.",
    )
    return Capture(
        low=low,
        high=high,
        unit="events",
        scope="clicks inside this shop",
        grade="declared",
        conflict=False,
        statements=(said, bare),
        wanted=(),
    )


def unknown_capture() -> Capture:
    wanted = Wanted(
        supply="A panel or survey.",
        why="User totals tell what share is here.",
        would_narrow_to="about 20 points",
    )
    return Capture(
        low=0,
        high=1,
        unit="events",
        scope="all behaviour",
        grade="C",
        conflict=False,
        statements=(),
        wanted=(wanted,),
    )


def trial(*, shift: float = 0.0, names: tuple[str, ...] = tuple(ARMS)) -> Trial:
    """The mock's trial; `shift` moves DIEN alone, so that every contrast of it moves too."""
    level = {name: row[0] + (shift if name == "dien" else 0.0) for name, row in ARMS.items()}
    arms = tuple(
        Arm(
            name=name,
            auc=estimate(level[name] - 0.01, 0.001, "AUC"),
            gauc=estimate(level[name], 0.0012, "GAUC"),
            log_loss=estimate(1.1, 0.01, "nats"),
            parameters=ARMS[name][1],
            converged=True,
            overfit=name == "din",
            fall=0.02,
            learning_curve=() if name == "floor" else curve(level[name]),
            calibration_slope=estimate(0.94, 0.03, "slope"),
            calibration_error=estimate(0.012, 0.004, "share"),
        )
        for name in names
    )
    contrasts = tuple(
        Contrast(
            name=name,
            metric="gauc",
            value=level[one] - level[other],
            low=level[one] - level[other] - 0.0010,
            high=level[one] - level[other] + 0.0010,
            comparator=other,
            p_adjusted=0.01 if name == "attention_gain" else None,
        )
        for name, (one, other) in PAIRS.items()
        if one in names and other in names
    )
    strata = (
        Stratum(
            name="repeats",
            share=0.38,
            targets=7_200,
            dropped=912,
            lift=estimate(0.0140, 0.002, "GAUC"),
            p_adjusted=0.004,
        ),
        Stratum(name="new", share=0.62, targets=13_288, dropped=0, lift=None),
    )
    return Trial(
        status="done",
        reason=None,
        task="Rank the true next item among items alive at that moment.",
        users_train=48_000,
        users_test=21_400,
        targets_test=20_488,
        seeds=5,
        negatives=49,
        arms=arms,
        contrasts=contrasts,
        strata=strata,
        minimum_worthwhile_lift=ASKED,
        minimal_detectable_lift=0.0012,
        users_needed=18_000,
        notes=("DIN falls by 6 % from train to test: try dropout.",),
    )


def curve(top: float) -> tuple[float, ...]:
    return tuple(0.8874 + (top - 0.8874) * (1 - math.exp(-step / 2)) for step in range(13))


def verdict(outcome: str, headline: str, summary: str, **kept: object) -> Verdict:
    basic: dict[str, object] = {
        "arm": None,
        "leaning": None,
        "confidence": None,
        "reasons": (
            Reason(
                text="Interests move: half-life 2.9 days (2.5 to 3.4).",
                probe="interest_persistence",
                for_or_against="for",
            ),
            Reason(
                text="Order saves 9.1 % of the uncertainty.", probe="order_information", for_or_against="for"
            ),
            Reason(text="The log holds 78 to 89 % of events.", probe="capture", for_or_against="for"),
            Reason(text="DIEN adds +0.0008 GAUC beyond recency.", probe="trial", for_or_against="against"),
        ),
        "flips_if": (
            Flip(
                quantity="beyond_recency",
                now=0.0008,
                low=-0.0002,
                high=0.0018,
                threshold=ASKED,
                side="above",
                outcome="use_sequence_model",
                axis_low=-0.001,
                axis_high=0.004,
                unit="GAUC",
            ),
            Flip(
                quantity="capture",
                now=None,
                low=0.78,
                high=0.89,
                threshold=0.5,
                side="below",
                outcome="fix_capture_first",
                axis_low=0,
                axis_high=1,
                unit="share",
            ),
        ),
        "next_steps": (
            "Ship the fading average. Pool each user’s last events with weights that halve every 2.9 days.",
            "Ask again in a quarter.",
        ),
    }
    return Verdict(outcome=outcome, headline=headline, summary=summary, **(basic | kept))  # type: ignore[arg-type]


def recency_is_enough() -> Result:
    return Result(
        tool=Tool(name="diagnose", version="0.0.test"),
        log=LogFacts(
            sources=("logs/shop_clicks.parquet",),
            fingerprint="9f2c41d7e03b",
            events=4_200_000,
            users=310_000,
            items=61_000,
            categories=48,
            first_event="2026-03-01T00:00:04Z",
            last_event="2026-05-29T23:59:58Z",
            engine="DuckDB 2.0",
            users_with_history=180_000,
            sampled_users=20_000,
            sampled_fraction=1 / 9,
            interest_source="category",
        ),
        mapping={"user": "uid", "item": "sku", "timestamp": "ts", "category": "cat"},
        settings={
            "seed": 0,
            "order": {"floor_share": 0.005, "history": 50},
            "trial": {"minimum_lift": ASKED},
        },
        seed=0,
        hygiene=Hygiene(
            passed=True,
            reason=None,
            faults=(
                Fault(
                    name="nulls",
                    count=462_000,
                    share=0.11,
                    note="rows without a user",
                    result_low=0.0002,
                    result_high=0.0019,
                ),
                Fault(name="ties", count=130_200, share=0.031, note="same time as the user’s previous event"),
                Fault(name="clock_errors", count=0, share=0.0, note="1970, future, wrong unit"),
            ),
        ),
        probes=probes(),
        capture=known_capture(),
        trial=trial(),
        verdict=verdict(
            "recency_is_enough",
            "Recency is enough: an average that fades over three days takes 93 % of DIEN’s gain.",
            "Interests move fast and the log captures most of the movement. What helps is which interests "
            "are recent; their order adds next to nothing. Weigh recent events more, and keep the model.",
            arm="dnn_decayed",
        ),
        timings=Timings(
            total=271.0,
            stages={"trial": 214.0, "reading": 9.1, "drift": 40.0},
            arms={name: ArmTiming(train_seconds=row[2], score_ms=row[3]) for name, row in ARMS.items()},
        ),
    )


def use_sequence_model() -> Result:
    said = (
        Reason(text="Interests move.", probe="interest_persistence", for_or_against="for"),
        Reason(text="DIEN gains +0.0185 GAUC over the plain DNN.", probe="lift", for_or_against="for"),
    )
    return dataclasses.replace(
        recency_is_enough(),
        trial=trial(shift=0.007),
        verdict=verdict(
            "use_sequence_model",
            "A sequence model pays: DIEN ranks 0.0185 GAUC better than the DNN.",
            "Both conditions hold, and the trial agrees.",
            arm="dien",
            reasons=said,
            flips_if=(),
        ),
    )


def keep_order_blind_model() -> Result:
    still = Measured(
        name="interest_persistence",
        condition="drift",
        users=11_400,
        estimates={"drift_share": Estimate(value=0.01, low=-0.01, high=0.03, unit="share")},
    )
    order = dataclasses.replace(
        order_information(),
        estimates={
            "total": estimate(0.0004, 0.001, "bits/event"),
            "recency": estimate(-0.0002, 0.001, "bits/event"),
            "direction": estimate(0.0006, 0.001, "bits/event"),
            "share": estimate(0.0001, 0.0003, "share"),
        },
    )
    said = (Reason(text="Interests hold still.", probe="interest_persistence", for_or_against="against"),)
    return dataclasses.replace(
        recency_is_enough(),
        probes=(order, still, *probes()[3:]),
        capture=unknown_capture(),
        trial=trial(shift=-0.0110),
        verdict=verdict(
            "keep_order_blind_model",
            "Keep the DIN: order adds nothing on this log.",
            "Interests hold still, and order says nothing of what comes next.",
            arm="din",
            reasons=said,
        ),
    )


def fix_capture_first() -> Result:
    said = (
        Reason(text="Interests move.", probe="interest_persistence", for_or_against="for"),
        Reason(text="The log holds 8 to 17 %.", probe="capture", for_or_against="against"),
    )
    return dataclasses.replace(
        recency_is_enough(),
        capture=dataclasses.replace(known_capture(0.08, 0.17), conflict=True),
        trial=Trial(status="skipped", reason="--no-trial was given"),
        verdict=verdict(
            "fix_capture_first",
            "Capture comes first: the log holds about a tenth of what users do.",
            "The lever is the log, not the model.",
            reasons=said,
            flips_if=(),
        ),
    )


def suspect_artefact() -> Result:
    return dataclasses.replace(
        recency_is_enough(),
        verdict=verdict(
            "suspect_artefact",
            "The order looks like an artefact: redrawn ties take the gain away.",
            "Events were entered in sittings.",
        ),
    )


WITH_DAYS = ("order_information", "interest_persistence", "evolution_paths", "catalogue_trend")


def inconclusive() -> Result:
    """A log of positions, with a trial that is too small."""
    base = recency_is_enough()
    return dataclasses.replace(
        base,
        log=dataclasses.replace(base.log, first_event=None, last_event=None, interest_source="clusters"),
        mapping={"user": "uid", "item": "sku", "position": "step"},
        probes=(
            order_information(),
            persistence(days=False),
            *(probed for probed in probes() if probed.name not in WITH_DAYS),
        ),
        capture=unknown_capture(),
        trial=dataclasses.replace(
            trial(names=("floor", "dnn", "dien")),
            status="not_trustworthy",
            reason="the trial is too small",
            problems=("too_small",),
        ),
        verdict=verdict(
            "inconclusive",
            "Not settled: the trial is too small, about 18,000 test users are needed.",
            "The probes lean towards a model of recency.",
            leaning="recency_is_enough",
            reasons=(Reason(text="Interests move.", probe="interest_persistence", for_or_against="for"),),
            next_steps=("Log more users.",),
            flips_if=(),
        ),
    )


def not_measurable() -> Result:
    """Everything skipped."""
    base = recency_is_enough()
    skipped = tuple(
        Skipped(
            name=probed.name, condition=probed.condition, reason=f"order is not in the log ({probed.name})"
        )
        for probed in base.probes
    )
    return dataclasses.replace(
        base,
        hygiene=Hygiene(passed=False, reason="4 % of users with history have 5 distinct times", faults=()),
        probes=skipped,
        capture=unknown_capture(),
        trial=Trial(status="skipped", reason="order is not in the log"),
        verdict=verdict(
            "not_measurable",
            "The order is not in this log: its clock stops at the day.",
            "No trial was run.",
            reasons=(),
            flips_if=(),
            next_steps=("Export the full timestamp.",),
        ),
        timings=Timings(total=3.2),
    )


OUTCOMES = {
    made.__name__: made
    for made in (
        recency_is_enough,
        use_sequence_model,
        keep_order_blind_model,
        fix_capture_first,
        suspect_artefact,
        inconclusive,
        not_measurable,
    )
}

HOSTILE = (
    "<script>alert(1)</script>",
    '"\' onload=alert(1) x="',
    "</style></title><img src=x onerror=alert(1)>",
    "nul\x00bell\x07escape\x1b[31m",
    "\u202eevil\u2066",
    "lone \ud800 surrogate",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;",
    "x" * 100_000,
)


def hostile() -> Result:
    """Every string of a log is an attack."""
    base = recency_is_enough()
    bad = "".join(HOSTILE[:-1])
    steps = Series(name="kappa_paths", x=HOSTILE, y=(1.0,) * len(HOSTILE), unit_x=bad, unit_y=bad)
    said = Statement(probe=bad, unit=bad, scope=bad, low=0.1, high=0.9, level=0.9, grade="B", assumption=bad)
    return dataclasses.replace(
        base,
        log=dataclasses.replace(base.log, sources=(*HOSTILE, "b"), fingerprint=bad, engine=bad),
        mapping={"user": bad, "category": HOSTILE[-1], bad: "uid"},
        settings={bad: {bad: [bad]}, "target_event": bad},
        hygiene=Hygiene(passed=False, reason=bad, faults=(Fault(name=bad, count=3, share=0.2, note=bad),)),
        probes=(
            dataclasses.replace(persistence(), series=(*persistence().series, steps)),
            Measured(name=bad, condition="drift", users=1, estimates={bad: estimate(1, 0.5, bad)}),
            Skipped(name=bad, condition="capture", reason=bad),
        ),
        capture=Capture(
            low=0.1,
            high=0.9,
            unit=bad,
            scope=bad,
            grade="B",
            conflict=True,
            statements=(said,),
            wanted=(Wanted(supply=bad, why=bad, would_narrow_to=bad),),
        ),
        trial=dataclasses.replace(trial(), reason=bad, task=bad, device=bad, notes=(bad,), problems=(bad,)),
        verdict=verdict(
            "recency_is_enough",
            bad,
            bad,
            next_steps=(bad,),
            reasons=(Reason(text=bad, probe="capture", for_or_against="open"),),
        ),
    )
