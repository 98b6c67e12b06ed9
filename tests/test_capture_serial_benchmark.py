"""The benchmark of serial gaps: its peer is the textbook's, and its table tells what was found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import capture_serial
from diagnose.simulate.followers import Followers, followers


def test_the_peer_is_right_where_everybody_goes_on_to_the_end():
    """The geometric law truncated at the last episode finds the planted share, if nobody stops before."""
    rng = np.random.default_rng(0)
    found = capture_serial.to_the_end(followers(Followers(users=4_000, capture=0.3), rng=rng))
    assert found == pytest.approx(0.3, rel=0.05)


def test_a_task_is_run_and_told():
    """A row a cell: what was planted, in how many worlds it was measured, how often the range holds it."""
    first, second, *_ = capture_serial.tasks(smoke=True)
    tasks = [replace(task, plan={**task.plan, "users": users}) for task, users in ((first, 400), (second, 5))]
    row = capture_serial.report([(task, {"found": capture_serial.run(task)}) for task in tasks]).splitlines()[
        -1
    ]
    assert row.startswith("| 0.1 all watched, in order | 1 of 2 |")
    assert "1 of 1" in row
