"""From results to a verdict in words."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from diagnose.results import Estimate, Fault, Hygiene, Measured, Skipped, Trial
from diagnose.settings import Settings
from diagnose.verdict import decide
from diagnose.verdict.evidence import gather

EXPECTED = {
    "sequence": ("use_sequence_model", "dien", None),
    "recency": ("recency_is_enough", "dnn_decayed", None),
    "order_blind": ("keep_order_blind_model", "dnn", None),
    "attention": ("keep_order_blind_model", "din", None),
    "capture": ("fix_capture_first", None, None),
    "ties": ("suspect_artefact", None, None),
    "unseen": ("suspect_artefact", None, None),
    "missed": ("inconclusive", None, "use_sequence_model"),
    "undecided": ("inconclusive", None, "use_sequence_model"),
    "no_trial": ("inconclusive", None, "use_sequence_model"),
    "untrusted": ("inconclusive", None, "use_sequence_model"),
    "small": ("inconclusive", None, None),
    "unmeasurable": ("not_measurable", None, None),
    "positions": ("inconclusive", None, None),
    "contradicted": ("inconclusive", None, "use_sequence_model"),
    "unchecked_ties": ("inconclusive", None, "use_sequence_model"),
}
UNKNOWN = "; capture unknown."
SUPPLY = "; capture unknown, supply a panel."
HEADLINES = {
    "sequence": "Build a sequence model: 0.0115 GAUC, 0.0041 beyond recency" + SUPPLY,
    "recency": "Recency is enough: a fading average takes 93 % of DIEN’s gain" + SUPPLY,
    "order_blind": "Keep the order-blind model: order adds at most 0.0008 GAUC" + SUPPLY,
    "capture": "Capture comes first: interests move, but a declared 5 to 20 % of events is logged.",
    "ties": "Suspect an artefact: with ties redrawn, order adds at most 0.0012 GAUC" + UNKNOWN,
    "unseen": "Suspect an artefact: DIEN gains 0.0115 GAUC, yet no probe finds order" + UNKNOWN,
    "missed": "Inconclusive: the probe finds 0.0260 GAUC of order, the trial 0.0008 at most" + UNKNOWN,
    "undecided": "Inconclusive: DIEN’s lift is +0.0010 to +0.0070 GAUC, 72,000 users would tell" + UNKNOWN,
    "no_trial": "From the probes alone, a sequence model is worth a trial: order adds 0.0260 GAUC" + UNKNOWN,
    "positions": ("Inconclusive: DIEN adds 0.0115 GAUC, or the catalogue moves: no times tell" + UNKNOWN),
    "small": "Too small to say: 320 users have enough history, and 500 are needed" + UNKNOWN,
    "unmeasurable": "The order is not in this log: 93 % of events tie with another of their user.",
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_world_gets_its_verdict(worlds, name):
    """Outcome, arm and leaning follow from the planted numbers."""
    verdict = worlds[name].verdict()
    assert (verdict.outcome, verdict.arm, verdict.leaning) == EXPECTED[name]


@pytest.mark.parametrize("name", sorted(HEADLINES))
def test_headlines_say_outcome_cause_and_number(worlds, name):
    """The line reads as the reader will see it."""
    assert worlds[name].verdict().headline.replace("\N{NO-BREAK SPACE}", " ") == HEADLINES[name]


def test_words_keep_their_form(world):
    """At most 100 characters above, three or four sentences below, at most three steps, real minus signs."""
    verdict = world.verdict()
    texts = [verdict.headline, verdict.summary, *verdict.next_steps, *(r.text for r in verdict.reasons)]
    assert len(verdict.headline) <= 100
    assert len(re.findall(r"\.(?= |$)", verdict.summary)) in (3, 4)
    assert 1 <= len(verdict.next_steps) <= 3
    assert verdict.confidence is None
    for text in texts:
        assert text[0].isupper()
        assert text.endswith(".")
        assert not re.search(r"(?<![\w(])-\d", text)
        assert "  " not in text
        assert ".." not in text
        assert "None" not in text
        assert "nan" not in text.lower().split()


def test_confident_headlines_say_that_capture_is_unknown(worlds):
    """A bare log never gets a confident line that hides what is not known of it."""
    for name in ("sequence", "recency"):
        assert worlds[name].verdict().headline.endswith(SUPPLY)
    for name in ("ties", "unseen"):
        assert worlds[name].verdict().headline.endswith(UNKNOWN)


@pytest.mark.parametrize("name", ["order_blind", "attention"])
def test_nothing_to_gain_is_never_said_without_what_to_supply(worlds, build, name):
    """A log of a tenth of the behaviour looks as still: the line says that, and what would tell."""
    still = worlds[name].but(drift={"drift_share": (0.01, 0.0, 0.02)})
    verdict = still.verdict()
    assert verdict.headline.endswith(SUPPLY)
    assert verdict.summary.startswith("In what is logged, interests hold still")
    assert verdict.next_steps[-1].startswith("Supply a panel.")
    known = still.but(capture=(build["statement"](0.8, 0.9),)).verdict()
    assert known.summary.startswith("Interests hold still")
    assert "supply" not in known.headline


def test_the_robustness_statement_says_what_it_does_not_say(worlds):
    """Down to which rate the finding holds, by sessions and by events; silent where there is none."""
    losses = {"holds_until_sessions": (0.1, 0.0, 0.1), "holds_until_events": (0.314, 0.2, 0.4)}
    (told,) = [
        r.text for r in worlds["sequence"].but(losses=losses).verdict().reasons if r.probe == "thinning"
    ]
    plain = told.replace("\N{NO-BREAK SPACE}", " ")
    assert "if only 10 % of these events were logged (whole sessions lost; less was not tried)" in plain
    assert "31 % of these events were logged (single events lost)" in plain
    assert "nothing of what this log has already lost" in plain
    needs_all = {"holds_until_events": (0.995, 0.9, 1.0)}
    fragile = worlds["sequence"].but(losses=needs_all).verdict()
    assert not [r for r in fragile.reasons if r.probe == "thinning"]
    silent = worlds["sequence"].but(losses={"share_full": (0.0, 0.0, 0.001)}).verdict()
    assert not [r for r in silent.reasons if r.probe == "thinning"]


def test_capture_of_time_or_episodes_is_told_with_its_scope(worlds, build):
    """A statement that no rule reads is told all the same, and never as one of events."""
    known = build["statement"](
        0.08, 0.13, unit="episodes", grade="B", scope="episodes of series", whole=False
    )
    (told,) = [r for r in worlds["sequence"].but(capture=(known,)).verdict().reasons if r.probe == "capture"]
    assert told.text.startswith("Nothing says what share of events or sessions this log holds.")
    assert "of episodes (grade B): that is, of episodes of series" in told.text
    assert told.for_or_against == "open"


def test_capture_alone_changes_no_outcome_where_it_is_unknown(worlds, build):
    """A statement of time or episodes, or of grade C, is never an outcome's cause."""
    world = worlds["order_blind"]
    for unit, grade in (("time", "A"), ("episodes", "B"), ("events", "C")):
        known = build["statement"](0.05, 0.1, unit=unit, grade=grade)
        assert world.but(capture=(known,)).verdict().outcome == "keep_order_blind_model"
    for unit, grade in (("events", "A"), ("sessions", "B"), ("events", "declared")):
        known = build["statement"](0.05, 0.1, unit=unit, grade=grade)
        assert world.but(capture=(known,)).verdict().outcome == "fix_capture_first"


def test_a_part_that_is_seen_badly_decides_nothing(worlds, build):
    """Views behind a purchase that are not on record say nothing of all else, whatever their grade."""
    part = build["statement"](0.0, 0.18, grade="B", scope="view events that led to a purchase", whole=False)
    moving = worlds["capture"]
    assert moving.but(capture=(part,)).verdict().outcome != "fix_capture_first"
    panel = build["statement"](0.98, 1.0, grade="A")
    seen = moving.but(capture=(panel, part)).verdict()
    assert seen.outcome != "fix_capture_first"
    assert any("98 to 100" in reason.text for reason in seen.reasons)


def test_an_outside_observer_outranks_a_say_so(worlds, build):
    """A panel that counted all beats a declared tenth; the other way round they contradict each other."""
    panel, declared = build["statement"](0.98, 1.0, grade="A"), build["statement"](0.1, 0.1)
    assert worlds["capture"].but(capture=(panel, declared)).verdict().outcome != "fix_capture_first"
    low, high = build["statement"](0.1, 0.2, grade="A"), build["statement"](0.9, 1.0)
    told = worlds["capture"].but(capture=(low, high)).verdict()
    assert told.outcome == "inconclusive"
    assert "Statements about capture contradict each other" in " ".join(r.text for r in told.reasons)


def test_a_trial_too_small_says_what_is_not_known_of_capture(worlds):
    """The line that leaves room for it is taken: without evidence a small log is not merely small."""
    trial = dataclasses.replace(worlds["sequence"].trial, minimal_detectable_lift=0.0130)
    said = worlds["sequence"].but(trial=trial).verdict().headline.replace("\N{NO-BREAK SPACE}", " ")
    assert said == "Too small to say: the trial sees no lift under 0.0130 GAUC" + SUPPLY


def test_a_part_that_is_seen_badly_is_said_with_a_verdict_that_nothing_is_to_be_gained(worlds, build):
    """Episodes of which a tenth is on record warn more than a bare log, not less."""
    part = build["statement"](0.08, 0.13, unit="episodes", grade="B", scope="episodes of series", whole=False)
    verdict = worlds["order_blind"].but(capture=(part,), drift={"drift_share": (0.01, 0.0, 0.02)}).verdict()
    assert verdict.headline.replace("\N{NO-BREAK SPACE}", " ").endswith(
        "; only 8 to 13 % of episodes on record."
    )
    assert verdict.summary.startswith("In what is logged, interests hold still")


def test_capture_of_other_behaviour_is_no_contradiction(worlds, build):
    """Nine tenths of the clicks here and a tenth of all shopping can both be true."""
    low = build["statement"](0.05, 0.2)
    high = build["statement"](0.8, 0.9, scope="clicks in this shop", whole=False)
    assert worlds["capture"].but(capture=(low, high)).verdict().outcome == "fix_capture_first"


@pytest.mark.parametrize("status", ["skipped", "not_trustworthy"])
def test_no_trial_does_not_block_capture(worlds, status):
    """An absent or under-powered trial leaves rule 2 standing, whatever it saw; a trusted lift does not."""
    world = worlds["capture"]
    assert world.but(trial=Trial(status=status, reason="-")).verdict().outcome == "fix_capture_first"
    lifted = dataclasses.replace(worlds["sequence"].trial, status=status, reason="-")
    assert world.but(trial=lifted).verdict().outcome == "fix_capture_first"
    too_small = dataclasses.replace(worlds["sequence"].trial, minimal_detectable_lift=0.0130)
    assert world.but(trial=too_small).verdict().outcome == "fix_capture_first"
    assert world.but(trial=worlds["sequence"].trial).verdict().outcome == "use_sequence_model"


@pytest.mark.parametrize("problem", ["too_small", "below_floor", "not_converged", "a new one"])
def test_a_trial_with_a_problem_decides_nothing(worlds, problem):
    """Whatever a problem of the trial is called, and whatever its status says, no contrast of it counts."""
    for status in ("done", "not_trustworthy"):
        trial = dataclasses.replace(worlds["sequence"].trial, status=status, problems=(problem,))
        assert worlds["sequence"].but(trial=trial).verdict().outcome == "inconclusive"


def test_a_trial_that_could_see_nothing_decides_nothing(worlds):
    """A minimal detectable lift above three times the one asked for is too small, whatever the status."""
    trial = dataclasses.replace(worlds["sequence"].trial, minimal_detectable_lift=0.0091)
    verdict = worlds["sequence"].but(trial=trial).verdict()
    assert verdict.outcome == "inconclusive"
    assert verdict.headline.startswith("Too small to say: the trial sees no lift under 0.0091")


def test_the_lift_asked_for_decides(worlds):
    """The same numbers, another delta, another verdict."""
    assert worlds["recency"].but(minimum_lift=0.012).verdict().outcome != "recency_is_enough"


def test_low_capture_does_not_hide_what_order_is_left(worlds):
    """Where both probes find order in a thin log, a reason says so and a missing trial is the next step."""
    untried = worlds["capture"].but(trial=Trial(status="skipped", reason="-")).verdict()
    assert any("still holds order" in reason.text for reason in untried.reasons)
    assert any(step.startswith("Run the trial all the same") for step in untried.next_steps)
    silent = worlds["capture"].but(items=None).verdict()
    assert not any("still holds order" in reason.text for reason in silent.reasons)


def test_more_users_are_asked_of_the_sample_first_and_of_the_log_where_it_was_looked_at_whole(worlds):
    """--users all is no advice where all users of the log are in already."""
    for users, where in ((50_000, "--users all"), (5_000, "All users of this log were looked at")):
        steps = worlds["undecided"].but(users=users).verdict().next_steps
        assert sum(where in step for step in steps) == 1


def test_order_in_a_log_of_positions_may_be_the_catalogues(worlds, build):
    """Neither trial nor probes lead to advice; times are asked for first, and the order is told as open."""
    for trial in (worlds["positions"].trial, worlds["no_trial"].trial):
        verdict = worlds["positions"].but(trial=trial, run=trial.status == "done").verdict()
        assert (verdict.outcome, verdict.leaning) == ("inconclusive", None)
        assert "positions, no times" in " ".join(reason.text for reason in verdict.reasons)
        order = [reason for reason in verdict.reasons if reason.probe.endswith("order_information")]
        assert {reason.for_or_against for reason in order} == {"open"}
        assert verdict.next_steps[0].startswith("Export the times too.")
        assert "catalogue" in verdict.headline
    recency = worlds["recency"].but(hygiene=worlds["positions"].hygiene)
    assert recency.verdict().headline.startswith("Inconclusive: DIEN adds 0.0115")
    weak = build["recency"] | {"lift": (0.001, -0.001, 0.003)}
    told = recency.but(trial=build["trial"](weak)).verdict().headline
    assert told.startswith("Inconclusive: a fading average adds 0.0107")
    still = worlds["order_blind"].but(hygiene=worlds["positions"].hygiene).verdict()
    assert still.outcome == "keep_order_blind_model"


def test_a_recency_leaning_names_recency(worlds):
    """Without a trial, the line says what the probes lean to, and keeps its number."""
    flat = worlds["sequence"].order | {"direction": (0.0, -0.001, 0.001)}
    verdict = worlds["no_trial"].but(order=flat).verdict()
    assert verdict.leaning == "recency_is_enough"
    assert verdict.headline.startswith("From the probes alone, recency looks enough: order adds 0.0260")


def test_no_trial_headline_is_marked(worlds):
    """With --no-trial the leaning is the headline, says so, and stays inconclusive."""
    blind = worlds["order_blind"]
    for probes, leaning in (
        ({}, "use_sequence_model"),
        ({"order": blind.order, "items": blind.items}, "keep_order_blind_model"),
        ({"items": None}, None),
        ({"order": None, "items": None}, None),
        ({"items": {"gain": (0.002, -0.001, 0.005)}}, None),
    ):  # fmt: skip
        verdict = worlds["no_trial"].but(**probes).verdict()
        assert (verdict.outcome, verdict.leaning) == ("inconclusive", leaning)
        assert verdict.headline.startswith("From the probes alone")


def test_only_gauc_decides(worlds):
    """A contrast in another metric is not taken for one in GAUC."""
    other = tuple(dataclasses.replace(c, metric="log_loss") for c in worlds["sequence"].trial.contrasts)
    trial = dataclasses.replace(worlds["sequence"].trial, contrasts=other)
    evidence = gather(**worlds["sequence"].but(trial=trial).results())
    assert evidence.lift is None
    both = dataclasses.replace(trial, contrasts=(*other, *worlds["sequence"].trial.contrasts))
    assert gather(**worlds["sequence"].but(trial=both).results()).lift.value == 0.0115


@pytest.mark.parametrize(
    "bad", [(float("nan"), 0.0, 1.0), (0.0, float("-inf"), 1.0), (0.5, 1.0, 0.0), (1.0, 0.5, float("inf"))]
)
def test_an_interval_that_is_none_was_not_measured(worlds, bad):
    """Not finite, or upside down: no rule reads it."""
    evidence = gather(**worlds["sequence"].but(items={"gain": bad}).results())
    assert evidence.item_order is None


def test_disagreement_is_told(worlds):
    """Where 2.1 and 2.1b, or probes and trial, differ, a reason says so."""
    quiet = {"gain": (0.0, -0.001, 0.001)}
    probes = worlds["sequence"].but(items=quiet).verdict()
    assert any("The probes disagree" in reason.text for reason in probes.reasons)
    for name in ("missed", "unseen"):
        assert any("Probes and trial disagree" in reason.text for reason in worlds[name].verdict().reasons)
    assert not any("disagree" in reason.text for reason in worlds["sequence"].verdict().reasons)


def test_a_lift_that_is_not_order_is_told(worlds, build):
    """Check-ins: DIEN +.0070 over the DNN, and the same on shuffled histories."""
    trial = build["trial"](build["nothing"] | {"lift": (0.007, 0.006, 0.008)})
    verdict = worlds["order_blind"].but(trial=trial).verdict()
    assert verdict.outcome == "keep_order_blind_model"
    assert any("lift is not order" in reason.text for reason in verdict.reasons)


def test_every_number_in_the_words_comes_from_the_evidence(worlds):
    """Another lift, another number in the line; the half-life of the decayed arm is the pooling weight."""
    trial = worlds["sequence"].trial
    contrasts = tuple(
        dataclasses.replace(c, value=0.0222, high=0.03) if c.name == "lift" else c for c in trial.contrasts
    )
    verdict = worlds["sequence"].but(trial=dataclasses.replace(trial, contrasts=contrasts)).verdict()
    assert "0.0222" in verdict.headline
    steps = " ".join(worlds["recency"].verdict().next_steps)
    assert "2^(−age / 11\N{NO-BREAK SPACE}events)" in steps
    assert "+0.0107\N{NO-BREAK SPACE}GAUC" in steps


HOSTILE = [
    "",
    "x" * 10_000_000,
    "<script>alert(1)</script>",
    "a\nb\x00\x1b[31m\u202e",
    "{0} %s %(x)d",
    "\ud800",
    "…" * 999,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_of_the_results_breaks_the_words(worlds, build, text):
    """Whatever a reason, a scope or an assumption holds, the verdict stays the same, short and printable."""
    for name, world in worlds.items():
        known = tuple(dataclasses.replace(s, scope=text, assumption=text) for s in world.capture)
        results = world.but(
            capture=known,
            trial=dataclasses.replace(world.trial, reason=text, task=text, notes=(text,)),
            hygiene=dataclasses.replace(world.hygiene, reason=text),
        ).results()
        results["probes"] = tuple(
            dataclasses.replace(p, reason=text) if isinstance(p, Skipped) else p for p in results["probes"]
        )
        verdict = decide(**results)
        assert verdict.outcome == EXPECTED[name][0]
        assert len(verdict.headline) <= 100
        words = [verdict.headline, verdict.summary, *verdict.next_steps, *(r.text for r in verdict.reasons)]
        assert max(map(len, words)) < 1200
        assert not re.search(r"[\x00-\x1f\u202e\ud800]", "".join(words))


finite = st.floats(-1e9, 1e9) | st.sampled_from([0.0, 1e300, -1e300, float("nan"), float("inf")])


@given(
    st.lists(st.tuples(finite, finite, finite), min_size=12, max_size=12), st.sampled_from(sorted(EXPECTED))
)
@hypothesis_settings(max_examples=80, deadline=None, derandomize=True)
def test_any_numbers_give_a_verdict(worlds, numbers, name):
    """However absurd the estimates, there is an outcome and a line of at most 100 characters."""
    results = worlds[name].results()
    values = iter(numbers)
    probes = []
    for probed in results["probes"][:3]:
        if isinstance(probed, Measured):
            value, low, high = next(values)
            changed = {
                key: Estimate(value=value, low=low, high=high, unit=old.unit)
                for key, old in probed.estimates.items()
            }
            probed = dataclasses.replace(probed, estimates=changed)
        probes.append(probed)
    contrasts = tuple(
        dataclasses.replace(c, value=v, low=lo, high=hi)
        for c, (v, lo, hi) in zip(results["trial"].contrasts, values, strict=False)
    )
    trial = dataclasses.replace(results["trial"], contrasts=contrasts)
    verdict = decide(**{**results, "probes": tuple(probes), "trial": trial})
    assert len(verdict.headline) <= 100
    assert verdict.headline.endswith(".")


def test_nothing_at_all_is_inconclusive(worlds):
    """No probe, no statement, no trial: an honest verdict with a step to take."""
    results = worlds["order_blind"].results()
    nothing = {**results, "probes": (), "trial": Trial(status="skipped", reason=None)}
    verdict = decide(**nothing)
    assert verdict.outcome == "inconclusive"
    assert verdict.next_steps
    done = decide(**{**nothing, "trial": Trial(status="done", reason=None)})
    assert done.outcome == "inconclusive"


def test_ties_are_read_from_the_gate(worlds, build):
    """The tie rate that demands the redrawn arms is the one that hygiene counted."""
    assert gather(**worlds["sequence"].but(hygiene=build["tied"](0.4)).results()).tie_rate == 0.4
    faults = (Fault(name="nulls", count=3, share=0.9, note="-"),)
    other = Hygiene(passed=True, reason=None, faults=faults)
    assert gather(**worlds["sequence"].but(hygiene=other).results()).tie_rate is None


def test_same_results_same_verdict(world):
    """decide() is a function of what it is given."""
    assert world.verdict() == world.verdict()


def test_the_limits_are_the_settings(worlds):
    """No threshold lives in the rules: what the settings say is what decides."""
    results = worlds["capture"].results()
    strict = dataclasses.replace(Settings().verdict, low_capture=0.1)
    settings = dataclasses.replace(results["settings"], verdict=strict)
    assert decide(**{**results, "settings": settings}).outcome != "fix_capture_first"
