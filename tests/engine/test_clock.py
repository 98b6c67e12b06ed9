"""Times, whatever they were, in microseconds since 1970 UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from reading import START, collect, table

from diagnose.errors import LogError

WANTED = [START * 1_000_000, (START + 60) * 1_000_000, (START + 120) * 1_000_000]
MOMENTS = [datetime.fromtimestamp(START + step, UTC) for step in (0, 60, 120)]


@pytest.mark.parametrize(("factor", "unit"), [(1, "s"), (10**3, "ms"), (10**6, "us"), (10**9, "ns")])
@pytest.mark.parametrize("kind", [pa.int64(), pa.uint64(), pa.float64(), pa.string()])
def test_the_unit_of_epoch_numbers_follows_from_their_size(factor, unit, kind):
    """Seconds to nanoseconds, as integers, floats or text, all give the same microseconds."""
    whole = [(START + step) * factor for step in (0, 60, 120)]
    values = (
        pa.array([str(value) for value in whole])
        if kind == pa.string()
        else pa.array(whole).cast(kind, safe=False)
    )
    collected = collect(table(timestamp=values))
    assert sorted(collected.sample.time.tolist()) == WANTED
    assert collected.counts.time_unit == unit
    assert "by their size" in collected.notes[0]
    assert not collected.counts.naive


@pytest.mark.parametrize(
    ("values", "naive"),
    [
        (pa.array(MOMENTS, pa.timestamp("s", "UTC")), False),
        (pa.array(MOMENTS, pa.timestamp("us", "Europe/Berlin")), False),
        (pa.array(MOMENTS, pa.timestamp("ns", "Asia/Tokyo")), False),
        (pa.array([moment.replace(tzinfo=None) for moment in MOMENTS], pa.timestamp("s")), True),
        (pa.array([moment.replace(tzinfo=None) for moment in MOMENTS], pa.timestamp("ms")), True),
        (pa.array([moment.replace(tzinfo=None) for moment in MOMENTS], pa.timestamp("ns")), True),
        ([moment.replace(tzinfo=None).isoformat(sep=" ") for moment in MOMENTS], True),
        ([moment.isoformat() for moment in MOMENTS], False),
        ([moment.isoformat().replace("+00:00", "Z") for moment in MOMENTS], False),
        (
            [(moment + timedelta(hours=5)).replace(tzinfo=None).isoformat() + "+05:00" for moment in MOMENTS],
            False,
        ),
        ([(moment - timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S-0800") for moment in MOMENTS], False),
        ([moment.strftime("%Y-%m-%d %H:%M:%S UTC") for moment in MOMENTS], False),
    ],
)
def test_typed_and_written_times_mean_the_same_moments(values, naive):
    """Timestamps with and without a zone, and ISO text with any offset, give the same microseconds."""
    collected = collect(table(timestamp=values))
    assert sorted(collected.sample.time.tolist()) == WANTED
    assert collected.counts.naive is naive
    assert ("taken as UTC" in collected.notes[0]) is naive


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("2023/11/14 22:13", True),
        ("2023-11-14T22:13Z", True),
        ("2023-11-14  22:13:20.", True),
        ("2023-11-14 22:13:20 Europe/Berlin", True),
        ("12023-11-14 22:13:20", False),
        ("2023-11-14 (BC)", False),
        ("2023-11-14 24:00:00", False),
        ("2023-11-14 22:13:20+25:00", False),
        ("epoch", False),
    ],
)
def test_the_grammar_of_written_times_is_that_of_every_engine(text, readable):
    """ISO dates with or without time and zone; what only one engine would take is unreadable, and counted."""
    counts = collect(table(timestamp=[text, "2023-11-14 22:14:20", "2023-11-14 22:15:20"])).counts
    assert counts.unreadable_time == (not readable)


def test_dates_are_midnight_and_their_quantum_is_a_day():
    """Dates are read as midnight UTC, said so, and the time quantum shows them."""
    collected = collect(table(timestamp=[date(2023, 5, 1), date(2023, 5, 2), date(2023, 5, 3)]))
    assert collected.counts.time_quantum_us == 86_400_000_000
    assert collected.counts.time_unit == "date"
    assert "midnight UTC" in collected.notes[0]
    assert collected.facts.first_event == "2023-05-01T00:00:00Z"


def test_nanoseconds_are_cut_the_same_however_they_are_stored():
    """An integer and a timestamp of the same nanoseconds become the same microsecond."""
    stamps = [START * 10**9 + rest for rest in (1_999, 500_999, 999_999_999)]
    integers = collect(table(timestamp=stamps)).sample.time
    for kind in (pa.timestamp("ns"), pa.timestamp("ns", "UTC"), pa.timestamp("ns", "America/New_York")):
        typed = collect(table(timestamp=pa.array(stamps, pa.int64()).cast(kind))).sample.time
        assert sorted(typed.tolist()) == sorted(integers.tolist()) == [stamp // 1000 for stamp in stamps]


@pytest.mark.parametrize(
    ("step", "quantum"),
    [
        (1, 1),
        (1_000, 1_000),
        (1_000_000, 1_000_000),
        (60_000_000, 60_000_000),
        (3_600_000_000, 3_600_000_000),
    ],
)
def test_the_quantum_is_the_largest_that_divides_nearly_all_times(step, quantum):
    """One stray in 2,000 times does not hide the quantum; one in 200 does."""
    day = 19_700 * 86_400_000_000
    times = day + step * (1 + 2 * np.arange(2_000) % 9_999)
    frame = {"user_id": np.arange(2_000), "item_id": np.arange(2_000)}
    strays = times.copy()
    strays[:1] += 1
    assert collect(pa.table(frame | {"timestamp": strays})).counts.time_quantum_us == quantum
    strays[:10] += 1
    assert collect(pa.table(frame | {"timestamp": strays})).counts.time_quantum_us == 1


def test_impossible_times_are_set_aside_and_counted():
    """1970, the future, beyond 64 bits, and seconds or microseconds among milliseconds, each apart."""
    good = START * 1000
    times = [good, good + 1, 0, START, -5, good * 1000, good + 400 * 86_400_000, 2**62, None]
    rows = len(times)
    collected = collect(table(user_id=[1] * rows, item_id=list(range(rows)), timestamp=times))
    counts = collected.counts
    assert (counts.events, counts.time_before, counts.time_after, counts.null_time) == (2, 2, 2, 1)
    assert (counts.in_seconds, counts.in_microseconds, counts.mixed_units) == (1, 1, 2)
    assert counts.impossible_time == 4
    assert counts.rows == rows == counts.events + counts.set_aside
    assert "66.7" in collected.notes[0] or "75.0" in collected.notes[0]


def test_times_up_to_the_end_of_tomorrow_are_possible():
    """The end of time is the day after now, and can be set for a test."""
    now = int(datetime(2024, 6, 1, 12, tzinfo=UTC).timestamp())
    counts = collect(table(timestamp=[now, now + 86_400, now + 3 * 86_400])).counts
    assert (counts.events, counts.time_after) == (2, 1)
    assert counts.end == int(datetime(2024, 6, 3, tzinfo=UTC).timestamp()) * 1_000_000


def test_unreadable_times_are_counted_apart_from_missing_ones():
    """Text that is no time is told from no text at all."""
    counts = collect(table(timestamp=["2023-05-01 10:00", "yesterday", ""])).counts
    assert (counts.events, counts.unreadable_time, counts.null_time) == (1, 1, 1)


@pytest.mark.parametrize(
    "values", [["soon", "later", "never"], [1, 2, 3], [0.5, 0.7, 0.9], [True, False, True], [[1], [2], [3]]]
)
def test_a_column_without_times_is_refused(values):
    """A timestamp column that holds no time in any unit ends in a message that says what it holds."""
    with pytest.raises(LogError, match="timestamp") as caught:
        collect(table(timestamp=values), {"timestamp": "timestamp"})
    assert "Try:" in str(caught.value)


@pytest.mark.parametrize("values", [[5, 7, 6], ["5", "7", "6"], [5.0, 7.0, 6.0]])
def test_positions_order_events_and_have_no_clock(values):
    """A position gives order without time: no clock, no days, no quantum, no first event."""
    collected = collect(
        table(timestamp=values, user_id=[1, 1, 1], item_id=[1, 2, 3]), {"position": "timestamp"}
    )
    assert collected.sample.time.tolist() == [5, 6, 7]
    assert not collected.sample.clock
    assert collected.counts.time_quantum_us is None
    assert collected.facts.first_event is None
    assert set(collected.sample.session.tolist()) == {0}


@pytest.mark.parametrize("values", [[1.5, 2.5, 3.5], MOMENTS])
def test_a_position_that_is_no_whole_number_is_refused(values):
    """Fractions and times are no positions."""
    with pytest.raises(LogError, match="position"):
        collect(table(timestamp=values), {"position": "timestamp"})


def test_half_days_are_no_days():
    """Times at midnight and noon come in steps of an hour, the largest step we name that divides both."""
    first = START * 1_000_000 // 86_400_000_000 * 86_400_000_000
    halves = first - 43_200_000_000 * np.arange(1, 200)
    log = pa.table({"user_id": [1] * 199, "item_id": range(199), "timestamp": halves})
    assert collect(log).counts.time_quantum_us == 3_600_000_000


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_times_in_another_unit_are_told_by_it(unit, factor):
    """Among a hundred times of one unit, one of each other is told by its own name; text numbers likewise."""
    times = [(START + k) * factor for k in range(100)]
    times += [START * other for other in (1, 10**3, 10**6, 10**9) if other != factor]
    for values in (times, [str(time) for time in times]):
        frame = {"user_id": [1] * 103, "item_id": range(103), "timestamp": values}
        counts = collect(pa.table(frame)).counts
        found = {name: getattr(counts, f"in_{name}seconds") for name in ("", "milli", "micro", "nano")}
        own = {"s": "", "ms": "milli", "us": "micro", "ns": "nano"}[unit]
        assert found == {name: int(name != own) for name in found}
        assert counts.rows == 103 == counts.events + counts.mixed_units
