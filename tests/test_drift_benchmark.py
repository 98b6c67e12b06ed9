"""The drift benchmark counts what it says it counts, and redoes what must be redone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import drift, drift_peer, drift_rules, runner
from benchmarks import kept as kept_tasks
from benchmarks.kept import Task
from benchmarks.shares import told, wilson
from diagnose import simulate


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_tasks, "KEPT", tmp_path)
    return tmp_path


def task(**changed) -> Task:
    return Task(**{"part": "some", "world": "stable", "measure": "order", "seed": 1} | changed)


# The peer's rules


def test_rules_are_counted_by_hand():
    """b follows six of seven a, a all six b: two rules; c follows one a, and a c is none."""
    code = np.array([0, 1] * 6 + [0, 2])
    user = np.zeros(14, dtype=np.int64)
    assert drift_rules.rules(code, user, n=2) == 2
    user = np.repeat(np.arange(7), 2)  # now nothing follows a pair
    assert drift_rules.rules(code, user, n=2) == 1
    assert drift_rules.rules(code, user, n=3) == 0


def test_rules_need_both_thresholds():
    """Five occurrences are too few, and so is a tenth of the first event's."""
    user = np.repeat(np.arange(60), 2)
    often = np.array([0, 1] * 6 + [0, 2] * 54)  # a b six times of sixty: exactly a tenth
    assert drift_rules.rules(often, user, n=2) == 1
    assert drift_rules.rules(np.array([0, 1] * 5), np.repeat(np.arange(5), 2), n=2) == 0
    assert drift_rules.rules(np.array([0, 1] * 6), np.repeat(np.arange(6), 2), n=2) == 1


def test_three_grams_are_judged_by_their_pair():
    """a b c six times, a b d sixty: a c that follows a b in one of eleven is no rule, d is."""
    events = np.array([0, 1, 2] * 6 + [0, 1, 3] * 60)
    assert drift_rules.rules(events, np.repeat(np.arange(66), 3), n=3) == 1


def test_shuffling_destroys_rules_of_order():
    """In a directed world most rules of categories vanish with the order; `change` says how many."""
    world = simulate.histories(users=600, events=20, directed=0.5, categories=60, breadth=60.0, seed=1)
    before, after = drift_rules.counts(world, rng=np.random.default_rng(0))["2-grams of categories"]
    assert before >= 55
    assert drift_rules.change(before, after) < -0.9
    assert drift_rules.change(0.0, 3.0) == 0.0


def test_the_worlds_of_the_peer_are_drawn_once():
    """The same thirty worlds every time, some of them without order, and the oracle knows them all."""
    assert drift_peer.plans() == drift_peer.plans()
    assert len(drift_peer.plans()) == 30
    values = [
        simulate.order_value(simulate.planted(**plan | {"users": 100}, seed=0))
        for plan in drift_peer.plans()[:12]
    ]
    assert min(values) == 0 < max(values)


# Shares


@pytest.mark.parametrize(("hits", "tried"), [(0, 200), (10, 200), (40, 40), (3, 7)])
def test_the_interval_of_a_share_solves_its_equation(hits, tried):
    """At Wilson's ends the observed share lies 1.96 deviations away; 0 and 1 are ends of their own."""
    for end in wilson(hits, tried):
        if 0 < end < 1:
            assert abs(hits / tried - end) == pytest.approx(1.96 * (end * (1 - end) / tried) ** 0.5, rel=1e-3)
    assert told([True, False]).startswith("1 of 2 (")
    assert told([]) == "-"


# What is done, and done again


def test_a_kept_result_is_not_done_again(kept):
    """The same task on the same code is found; another seed or another plan is not."""
    kept_tasks.keep(task(), found={"x": 1}, seconds=0.1)
    assert [entry["found"] for _, entry in kept_tasks.done([task(), task(seed=2)])] == [{"x": 1}]
    assert not kept_tasks.done([task(plan={"trend": 1.0}), task(world="other")])


def test_changed_code_makes_results_stale_and_changed_words_do_not(kept, monkeypatch):
    """A comment or a docstring leaves the key, an operator does not, be it in what a module imports."""
    root = kept / "root"
    (root / "diagnose").mkdir(parents=True)
    monkeypatch.setattr(kept_tasks, "ROOT", root)

    def key(outer: str, inner: str) -> str:
        (root / "diagnose" / "outer.py").write_text(outer)
        (root / "diagnose" / "inner.py").write_text(inner)
        kept_tasks.version.cache_clear()
        kept_tasks.syntax.cache_clear()
        return task(modules=("diagnose.outer",)).key

    imports = "from diagnose.inner import f\n"
    first = key(imports, "def f(x):\n    return x + 1\n")
    assert key(imports, 'def f(x):\n    """Words."""\n    return x + 1  # more\n') == first
    assert key(imports, "def f(x):\n    return x - 1\n") != first
    assert key("", "def f(x):\n    return x + 1\n") != first
    kept_tasks.version.cache_clear()
    kept_tasks.syntax.cache_clear()


def test_a_line_cut_off_is_done_again(kept):
    """A run that was killed while it wrote loses that result and no other."""
    for seed in (1, 2):
        kept_tasks.keep(task(seed=seed), found={})
    path = kept_tasks.kept_path(task())
    path.write_text(path.read_text()[:-20])
    assert [done.seed for done, _ in kept_tasks.done([task(seed=1), task(seed=2)])] == [1]
    kept_tasks.keep(task(seed=3), found={})
    assert [done.seed for done, _ in kept_tasks.done([task(seed=2), task(seed=3)])] == [3]


def test_what_no_task_asks_for_is_forgotten(kept):
    """Results of other code go, results of today's stay."""
    for seed in (1, 2, 3):
        kept_tasks.keep(task(seed=seed), found={})
    assert kept_tasks.forget_stale([task(seed=2)]) == 2
    (line,) = kept_tasks.kept_path(task()).read_text().splitlines()
    assert json.loads(line)["seed"] == 2


def test_cells_fill_evenly():
    """Halfway through, a cell of four worlds has two and a cell of two has one."""
    tasks = [task(seed=seed) for seed in range(4)] + [task(world="b", seed=seed) for seed in range(2)]
    half = kept_tasks.in_turn(tasks)[:3]
    assert [each.world for each in half].count("b") == 1


def test_every_part_names_its_tasks():
    """A smoke run touches every cell that a whole run has, but for the largest worlds; keys are unique."""
    for part in drift.BENCHMARK.parts.values():
        whole, smoke = part.tasks(smoke=False, data=None), part.tasks(smoke=True, data=None)
        assert len({each.key for each in whole}) == len(whole)
        assert {each.key for each in smoke} <= {each.key for each in whole}


def test_older_results_are_taken_over_once_they_are_confirmed(kept, monkeypatch):
    """A result of older code is stale, until its kind was found unchanged: then it is one of today's."""
    monkeypatch.setattr(kept_tasks, "version", lambda modules: "old")
    kept_tasks.keep(task(), found={"x": 1}, commit="aaa")
    monkeypatch.setattr(kept_tasks, "version", lambda modules: "new")
    assert not kept_tasks.done([task()])
    ((again, entry),) = kept_tasks.stale([task(), task(seed=2)])
    kept_tasks.confirm(again, entry, commit="bbb")
    ((_, taken),) = kept_tasks.done([task()])
    assert (taken["found"], taken["commit"], taken["confirmed"]) == ({"x": 1}, "aaa", "bbb")
    assert not kept_tasks.stale([task()])


def test_the_page_is_written_between_its_markers(kept):
    """Words around the table stay; a part without results says so."""
    page = kept / "page.md"
    page.write_text(f"before\n{runner.BEGIN}\nold\n{runner.END}\nafter\n")
    parts = {"Peer": drift_peer}
    runner.write_page(
        runner.Benchmark(family="drift", page=page, parts=parts),
        {"Peer": drift_peer.tasks(smoke=False)},
    )
    text = page.read_text()
    assert text.startswith("before")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "Not run on this code yet." in text


def test_what_a_result_took_does_not_say_that_it_changed():
    """Confirming compares what was found, wherever in it a time lies."""
    found = {"arm": {"best": 0.5, "seconds": 3.0}, "cpu_seconds": 1.0, "users": 7}
    slower = {"arm": {"best": 0.5, "seconds": 9.0}, "cpu_seconds": 2.0, "users": 7}
    assert runner.plain(found) == runner.plain(slower)
    assert runner.plain(found) != runner.plain(found | {"users": 8})


def test_what_is_told_of_trained_networks_is_held_against_each_other():
    """Lifts differ in their last digits from processor to processor: outcome, leaning, capture must not."""
    found = {"outcome": "inconclusive", "leaning": None, "capture": ["C", 0, 1], "trial": ["measured"]}
    found |= {"lift": [0.1]}
    entry = {"found": found}
    assert runner._same("cases", entry, {"found": found | {"lift": [0.2]}})
    assert not runner._same("anchors", entry, {"found": found | {"lift": [0.2]}})
    for name in ("outcome", "leaning", "capture", "trial"):
        assert not runner._same("cases", entry, {"found": found | {name: "other"}})
