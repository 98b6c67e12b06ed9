"""The gate: is the order of behaviour in the log?"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from diagnose.capture.log_hygiene import Evidence, measure, tally
from diagnose.capture.outages import search
from diagnose.capture.truncation import truncation
from diagnose.results import Measured, Skipped
from diagnose.schema import ArrivalCounts, HygieneCounts
from diagnose.settings import HygieneSettings, RobotSettings, Settings
from diagnose.stats.counts import Counts

CLEAN = HygieneCounts(
    rows=1000,
    null_user=0,
    null_item=0,
    null_time=0,
    unreadable_time=0,
    time_before=0,
    time_after=0,
    unclicked_impressions=0,
    duplicates=0,
    events=1000,
    users=100,
    items=50,
    categories=5,
    null_category=0,
    users_with_history=100,
    runaway_users=0,
    runaway_events_cut=0,
    time_quantum_us=1_000_000,
    first_time=0,
    last_time=1,
    start=0,
    end=10**15,
    time_unit="s",
    naive=False,
)


def judge(histories, counts=CLEAN):
    return measure(counts, tally(histories), settings=Settings())


def test_ties_are_events_that_share_user_and_time(write):
    """Both events of a tie count, equal times of different users do not."""
    found = tally(write([[(1, 0, 0), (1, 1, 0), (2, 2, 0)], [(2, 3, 0)], [], [(3, 1, 0), (3, 1, 0)]]))
    assert (found.users, found.events, found.tied_events) == (3, 6, 4)


def test_distinct_times_count_users_with_enough_history(write):
    """A user with five events at two times is a user with history and two distinct times."""
    found = tally(write([[(t, 0, 0) for t in (1, 1, 1, 2, 2)], [(1, 0, 0), (2, 0, 0)]]))
    assert found.users_with_history == 1
    assert found.distinct_times[2] == 1


def test_tallies_of_batches_add_up(random_histories):
    """However the users are cut into batches, the sums are the same."""
    whole = random_histories(60, seed=1)
    parts = [tally(whole.select(np.arange(start, start + 20))) for start in (0, 20, 40)]
    merged, at_once = parts[0] + parts[1] + parts[2], tally(whole)
    assert merged.tied_events == at_once.tied_events > 0
    assert merged.distinct_times.tolist() == at_once.distinct_times.tolist()


def test_dates_over_four_days_are_not_measurable(write):
    """Users whose ten events carry at most four dates: the log does not say what came after what."""
    days = [[(86_400 * (k % 4), k, 0) for k in sorted(range(10), key=lambda k: k % 4)]] * 50
    hygiene, _ = judge(write(days))
    assert not hygiene.passed
    assert "0 of 50 users" in hygiene.reason


@pytest.mark.parametrize(("ordered", "passes"), [(9, False), (10, True), (11, True)])
def test_gate_stands_at_one_user_in_ten(write, ordered, passes):
    """Fewer than one in ten users with five distinct times fail the log; one in ten does not."""
    known = [[(t, t, 0) for t in range(5)]] * ordered
    blurred = [[(t // 2, t, 0) for t in range(5)]] * (100 - ordered)
    assert judge(write(known + blurred))[0].passed is passes


def test_tie_rate_alone_never_decides(write):
    """Invoices whose every line ties still order well across: the log passes at a tie rate of 1."""
    invoices = [[(day * 86_400, line, 0) for day in range(6) for line in range(5)]] * 20
    hygiene, probed = judge(write(invoices))
    assert hygiene.passed
    assert probed.estimates["tie_rate"].value == 1.0


def test_positions_are_order_unless_they_tie(write):
    """A log of positions passes by its positions, and fails where they tie like dates."""
    assert judge(write([[(t, t, 0) for t in range(6)]] * 5, clock=False))[0].passed
    assert not judge(write([[(0, t, 0) for t in range(6)]] * 5, clock=False))[0].passed


def test_too_few_users_is_not_the_gates_business(write):
    """Without one user with enough history nothing speaks against the order of the log."""
    assert judge(write([[(1, 0, 0)], [(2, 0, 0)]]))[0].passed


def test_faults_are_those_met_and_ties_always(write):
    """A clean log has one line, its ties; a dirty one a line for each kind, as shares of what they are of."""
    histories = write([[(t, t, 0) for t in range(6)]])
    clean, _ = judge(histories)
    assert [fault.name for fault in clean.faults] == ["ties"]
    dirty = replace(
        CLEAN, null_user=10, time_before=20, duplicates=50, runaway_users=1, time_quantum_us=86_400 * 10**6
    )
    faults = {fault.name: fault for fault in judge(histories, dirty)[0].faults}
    assert list(faults) == ["nulls", "clock_errors", "duplicates", "runaway_users", "time_quantum", "ties"]
    assert (faults["nulls"].count, faults["nulls"].share) == (10, 0.01)
    assert faults["runaway_users"].share == 0.01
    assert "a user (10)" not in faults["nulls"].note
    assert "user (10)" in faults["nulls"].note
    assert "before 1970-01-01 (20)" in faults["clock_errors"].note
    assert "a day" in faults["time_quantum"].note


def test_rates_are_whole_counts_without_width(write):
    """What is counted in the whole file has no sampling error."""
    _, probed = judge(write([[(t, t, 0) for t in range(6)]]), replace(CLEAN, duplicates=30))
    assert isinstance(probed, Measured)
    found = probed.estimates["duplicate_share"]
    assert found.value == found.low == found.high == 0.03
    assert probed.estimates["time_quantum_seconds"].value == 1.0
    assert probed.estimates["ordered_share"].value == 1.0


def test_log_without_valid_events_is_skipped(write):
    """Nothing to measure is said, not divided by."""
    hygiene, probed = judge(write([]), replace(CLEAN, events=0, users=0, null_time=1000))
    assert isinstance(probed, Skipped)
    assert [fault.name for fault in hygiene.faults] == ["nulls", "ties"]


def test_every_sum_adds_up_over_batches(random_histories):
    """Whatever is counted, counting in three batches of users gives the same."""
    whole = random_histories(60, seed=3, longest=40, days=1.0)
    odd = Settings(
        hygiene=HygieneSettings(near_seconds=2_000.0, batch_events=2),
        robots=RobotSettings(per_hour=5, awake_hours=10.0, rest_hours=5.0, equal_gaps=4, gap_tolerance=0.9),
    )
    parts = [tally(whole.select(np.arange(start, start + 20)), settings=odd) for start in (0, 20, 40)]
    merged, at_once = parts[0] + parts[1] + parts[2], tally(whole, settings=odd)
    sums = {one.name: getattr(at_once, one.name) for one in fields(at_once) if one.name != "distinct_times"}
    assert {name: getattr(merged, name) for name in sums} == sums
    assert min(sums["near_duplicates"], sums["next_duplicates"], sums["batches"]) > 0
    assert min(sums["fast_robots"], sums["sleepless_robots"]) > 0


def test_near_duplicates_are_told_beyond_chance(write):
    """A hundred repeats after a second are told; with as many after three seconds they may be choices."""
    steady = [[(100.0 * t, t, 0) for t in range(10)] for _ in range(100)]
    doubled = [[*user, (user[-1][0] + 1, user[-1][1], 0)] for user in steady]
    repeated = [[*user, (user[-1][0] + 3, user[-1][1], 0)] for user in steady]
    for users, told in ((steady, 0), (doubled, 100), (repeated, 0), (doubled + repeated, 0)):
        hygiene, probed = judge(write(users))
        assert sum(fault.count for fault in hygiene.faults if fault.name == "near_duplicates") == told
        assert (probed.estimates["near_duplicate_share"].low > 0) == (told > 0)


def test_batches_are_told_where_the_clock_is_fine(write):
    """Ten events of a user at one time are a batch, nine are ties, and so are ten on a log of dates."""
    batch = [[(5, item, 0) for item in range(10)], [(5, item, 0) for item in range(9)]]
    faults = {fault.name: fault for fault in judge(write(batch))[0].faults}
    assert faults["batch_imports"].count == 10
    assert "1 batches" in faults["batch_imports"].note
    dates = replace(CLEAN, time_quantum_us=86_400 * 10**6)
    assert "batch_imports" not in {fault.name for fault in judge(write(batch), dates)[0].faults}


def test_mixed_units_are_a_fault_of_their_own(write):
    """Seconds in a log of milliseconds are no clock errors, and are told as what they are."""
    mixed = replace(CLEAN, time_unit="ms", in_seconds=3, in_nanoseconds=1)
    hygiene, probed = judge(write([[(1, 0, 0)]]), mixed)
    faults = {fault.name: fault for fault in hygiene.faults}
    assert "clock_errors" not in faults
    assert (faults["mixed_units"].count, faults["mixed_units"].share) == (4, 0.004)
    assert "the log counts milliseconds" in faults["mixed_units"].note
    assert "seconds (3), nanoseconds (1)" in faults["mixed_units"].note
    assert probed.estimates["mixed_unit_share"].value == 0.004


def test_robots_are_told_by_what_they_do(write):
    """One of two users is a timer: half of the users, nearly all of the events."""
    timer = [(977.0 * k, k, 0) for k in range(100)]
    faults = {fault.name: fault for fault in judge(write([timer, [(1, 1, 0)]]))[0].faults}
    assert (faults["robots"].count, faults["robots"].share) == (1, 0.5)
    assert "50 equal gaps in a row (1)" in faults["robots"].note
    assert "100 events are kept" in faults["robots"].note


def test_what_lies_beside_the_tally_is_told_too(write):
    """Outages, truncation, late rows and a job's stamp each have their line, in plain words."""
    rng = np.random.default_rng(0)
    hours = rng.poisson(50, (24 * 40, 2))
    hours[500:512] = 0
    births, deaths = np.array([1_010] + [10] * 39), np.array([10] * 39 + [1_010])
    days = Counts(19_700, np.stack([births, deaths, np.full(40, 1_020)], axis=1))
    evidence = Evidence(
        outages=search(Counts(472_800, hours), quantum_us=10**6, settings=Settings()),
        truncation=truncation(days, settings=Settings()),
        arrival=ArrivalCounts(rows=200, late=5, newest_first=True),
        sample=write([[(user, 0, 0), (10**6, 1, 0)] for user in range(50)]),
    )
    histories = write([[(t, t, 0) for t in range(6)]])
    hygiene, probed = measure(CLEAN, tally(histories), settings=Settings(), evidence=evidence)
    faults = {fault.name: fault for fault in hygiene.faults}
    assert {"outages", "truncation", "late_arrival", "import_stamps"} <= set(faults)
    assert faults["outages"].count == 12
    assert "one outage of 12 h" in faults["outages"].note
    assert "histories begin before the log does for about 71" in faults["truncation"].note
    assert (faults["late_arrival"].share, faults["import_stamps"].count) == (0.025, 50)
    assert "newest-first" in faults["late_arrival"].note
    assert probed.estimates["left_truncated_share"].value == pytest.approx(1_000 / 1_400, abs=0.01)
    assert all(fault.result_low is fault.result_high is None for fault in hygiene.faults)
