"""The gate: is the order of behaviour in the log?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnose.capture.log_hygiene import measure, tally
from diagnose.results import Measured, Skipped
from diagnose.schema import HygieneCounts
from diagnose.settings import Settings

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
