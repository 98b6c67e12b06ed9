from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from diagnose.settings import TrialSettings
from diagnose.trial.inference import PerUser
from diagnose.trial.jobs import run_job
from diagnose.trial.task import load, save
from diagnose.trial.training import Watch, gain_and_error, grouped
from diagnose.trial.workers import Job, Recipe, train_all
from tests.trial.planted import split, successor, task

SHORT = TrialSettings(epochs=2, batch=32, learning_rate=5e-3)
RECIPE = Recipe(SHORT, half_life=4.0, fine_tune=False)


def same(one, two):
    return all(np.array_equal(getattr(one, name), getattr(two, name)) for name in ("test", "training_sample"))


def test_same_seed_same_numbers_and_another_seed_others():
    """A job is a function of task, arm and seed."""
    planted = task(np.random.default_rng(0), n=600, next_item=successor)
    first, again, other = (run_job(planted, Job("dien", seed), recipe=RECIPE) for seed in (1, 1, 2))
    assert same(first, again)
    assert first.curve == again.curve
    assert first.curve != other.curve


def test_training_keeps_the_best_weights_seen_on_validation():
    """What is left in the model scores the best value of the learning curve; the first is the floor."""
    planted = task(np.random.default_rng(1), n=600, next_item=successor)
    swapped = replace(planted, test=planted.validation)
    outcome = run_job(swapped, Job("dnn_decayed", 3), recipe=RECIPE)
    kept, floor = (
        grouped(scores, planted.validation).by_seed()[0] for scores in (outcome.test, planted.validation.base)
    )
    assert outcome.curve[0] == pytest.approx(floor)
    assert kept == pytest.approx(max(outcome.curve)) == pytest.approx(outcome.best)
    assert kept > floor + 0.02


class Hinted(torch.nn.Module):
    """Adds a hint to the base score: a model whose gain can be set."""

    def __init__(self, rows):
        super().__init__()
        self.strength, self.rows = torch.nn.Parameter(torch.zeros(())), rows

    def forward(self, batch):
        return batch.base + self.strength * self.rows, torch.zeros(())


def test_what_validation_cannot_show_is_not_kept():
    """Weights that beat the floor by less than a standard error are dropped for the untrained ones."""
    rows = split(np.random.default_rng(8), n=100, shortest=12)
    kept = []
    for seed in range(20):
        hint = np.random.default_rng(seed).normal(size=rows.base.shape).astype(np.float32)
        hint[:, 0] += 0.03 * seed
        model = Hinted(torch.from_numpy(hint))
        watch = Watch(model, rows, order=0)
        model.strength.data.fill_(0.5)
        watch.look()
        gain, error = gain_and_error(grouped(rows.base + 0.5 * hint, rows).minus(grouped(rows.base, rows)))
        best = watch.keep()
        assert (model.strength.item() == 0.5) == (gain > error)
        assert best == pytest.approx(grouped(rows.base, rows).by_seed()[0] + gain * (gain > error))
        kept.append(gain > error)
    assert 0 < sum(kept) < 20


def test_the_standard_error_of_a_gain_is_that_of_a_mean():
    """With equal weights it is the standard deviation over the root of the number of users."""
    values = np.random.default_rng(9).normal(0.1, 1.0, 500)
    gain, error = gain_and_error(PerUser(values[None], np.ones(500)))
    assert gain == pytest.approx(values.mean())
    assert error == pytest.approx(values.std() / 500**0.5)


def test_fine_tuning_trains_the_embeddings():
    """The thorough budget's arms own their embedding tables; the others only the adapter."""
    planted = task(np.random.default_rng(2))
    frozen, tuned = (
        run_job(planted, Job("dnn", 0), recipe=replace(RECIPE, fine_tune=fine)) for fine in (False, True)
    )
    tables = planted.item_embeddings.size + planted.category_embeddings.size
    assert tuned.parameters - frozen.parameters == tables


def test_worker_processes_give_what_one_process_gives_and_leave_nothing_behind(tmp_path, monkeypatch):
    """Results do not depend on who computed them; the private folder is gone afterwards."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    planted = task(np.random.default_rng(3), n=40)
    jobs, seen = [Job("dnn", 0), Job("dien", 0), Job("din", 1)], []
    outcomes = train_all(planted, jobs, recipe=RECIPE, workers=2, done=seen.append)
    assert sorted(map(str, seen)) == sorted(map(str, jobs))
    for job in jobs:
        np.testing.assert_allclose(outcomes[job].test, run_job(planted, job, recipe=RECIPE).test, atol=1e-5)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_stops_the_workers_and_removes_their_folder(tmp_path, monkeypatch):
    """Ctrl-C in the middle of a trial leaves no process and no file."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def interrupt(job):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_all(
            task(np.random.default_rng(4), n=40), [Job("dnn", s) for s in range(3)], recipe=RECIPE, workers=1,
            done=interrupt,
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_a_failing_worker_is_told_with_its_reason(tmp_path, monkeypatch):
    """A worker that dies raises here, with what it said; nothing waits for ever."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(RuntimeError, match="no_such_arm"):
        train_all(task(np.random.default_rng(5), n=40), [Job("no_such_arm", 0)], recipe=RECIPE, workers=1)
    assert list(tmp_path.iterdir()) == []


def test_a_task_comes_back_from_disk_as_it_was():
    """Saving and mapping loses nothing."""
    planted = task(np.random.default_rng(6), n=10)
    with tempfile.TemporaryDirectory() as folder:
        save(planted, Path(folder))
        back = load(Path(folder))
        np.testing.assert_array_equal(back.test.past_item, planted.test.past_item)
        np.testing.assert_array_equal(back.item_embeddings, planted.item_embeddings)
