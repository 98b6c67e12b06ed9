from __future__ import annotations

import json
import subprocess
from dataclasses import fields, replace
from importlib import metadata

import numpy as np
import pytest
import torch

from diagnose.errors import ResourceError, UsageError
from diagnose.settings import Settings, TrialSettings
from diagnose.trial import device, experiment, run
from diagnose.trial.arms import ARMS, Shape
from diagnose.trial.device import Seen, exhausted, moved, resolve, seen, workers
from diagnose.trial.jobs import run_job
from diagnose.trial.layers import Embedder
from diagnose.trial.training import loss_of, to_batch
from diagnose.trial.workers import Job, Recipe
from tests.trial.planted import log, split, successor, tables, task

SHORT = TrialSettings(epochs=2, batch=32)
ON_CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no CUDA device here")


@pytest.fixture(autouse=True)
def asked_anew():
    """What PyTorch sees is asked once a process; here once a test."""
    seen.cache_clear()
    yield
    seen.cache_clear()


def _answers(monkeypatch, **answer):
    """A PyTorch that is no CPU build, and says this of itself."""
    told = json.dumps({"version": "9.9", "cuda": "12.8", "works": False, "why": "", **answer})
    monkeypatch.setattr(metadata, "version", lambda name: "9.9")
    monkeypatch.setattr(
        device.subprocess, "run", lambda command, **how: subprocess.CompletedProcess(command, 0, told, "")
    )


def test_auto_is_cuda_where_it_works_and_the_cpu_elsewhere(monkeypatch):
    """What is asked for by name is what is used."""
    for works, auto in ((True, "cuda"), (False, "cpu")):
        seen.cache_clear()
        _answers(monkeypatch, works=works)
        assert (resolve("auto"), resolve("cpu")) == (auto, "cpu")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"why": "no kernel image\nis available"}, "PyTorch 9.9, built for CUDA 12.8; no kernel image"),
        ({}, "PyTorch 9.9, built for CUDA 12.8; no device in reach"),
        ({"cuda": None}, "PyTorch 9.9, built without CUDA"),
    ],
)
def test_cuda_that_is_not_there_is_one_clear_error(answer, told, monkeypatch):
    """What was asked, what was seen, what to try."""
    _answers(monkeypatch, **answer)
    with pytest.raises(UsageError) as error:
        resolve("cuda")
    assert error.value.seen == told
    assert "--device cpu" in error.value.attempt


@pytest.mark.parametrize("failure", ["silence", "hanging"])
def test_a_pytorch_that_says_nothing_is_a_cpu(failure, monkeypatch):
    """A broken driver costs the GPU, not the trial."""

    def asked(command, **how):
        if failure == "hanging":
            raise subprocess.TimeoutExpired(command, 1)
        return subprocess.CompletedProcess(command, 1, "", "Traceback")

    monkeypatch.setattr(metadata, "version", lambda name: "9.9")
    monkeypatch.setattr(device.subprocess, "run", asked)
    assert resolve("auto") == "cpu"
    assert seen() == Seen(cuda=False, told="PyTorch 9.9 does not say what it sees", broken=True)


def test_what_is_asked_of_pytorch_is_answered(monkeypatch):
    """The question itself runs, and agrees with PyTorch in this process."""
    monkeypatch.setattr(metadata, "version", lambda name: "")
    assert seen().cuda == torch.cuda.is_available()
    assert f"PyTorch {torch.__version__}" in seen().told


def test_on_cuda_the_seeds_of_an_arm_train_side_by_side(monkeypatch):
    """A process a seed, but no more than cores; on the CPU one a core."""
    monkeypatch.setattr(device, "cores", lambda: 8)
    assert (workers("cuda", seeds=5), workers("cuda", seeds=10), workers("cpu", seeds=5)) == (5, 8, 8)


def test_the_device_is_handed_to_every_worker_and_told(monkeypatch):
    """With CUDA in reach the recipe names it, the workers are as many as seeds, and the result says so."""
    handed, honest = [], experiment.train_all

    def train_all(task, jobs, *, recipe, **given):
        handed.append((recipe.device, given["workers"]))
        return honest(task, jobs, recipe=replace(recipe, device="cpu"), **{**given, "workers": None})

    _answers(monkeypatch, works=True)
    monkeypatch.setattr(device, "cores", lambda: 8)
    monkeypatch.setattr(experiment, "train_all", train_all)
    tiny = TrialSettings(budget="quick", history=10, epochs=1, validation_targets=100, negatives=9)
    monkeypatch.setattr(experiment, "arms_to_run", lambda settings, **how: ("dien", "dnn"))
    histories = log(0, users=150, events=12)
    trial, _ = run(histories, settings=Settings(trial=tiny), half_life_events=None, tie_rate=0.0)
    assert handed == [("cuda", 3)]
    assert trial.device == "cuda"


def test_an_exhausted_gpu_says_what_to_try():
    """Out of memory there is no bug of ours."""
    assert isinstance(exhausted("torch.OutOfMemoryError: CUDA out of memory. Tried to"), ResourceError)
    assert exhausted("KeyError: 'no_such_arm'") is None


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("training", [True, False])
def test_every_tensor_is_made_on_the_device(arm, training):
    """On a device of its own (`meta`, which computes shapes) nothing of a step comes from the CPU."""
    rng = np.random.default_rng(0)
    meta = torch.device("meta")
    # Frozen embeddings: `meta` cannot say how many rows a sparse gradient has.
    model = ARMS[arm].build(Embedder(*map(torch.from_numpy, tables(rng)), fine_tune=False), Shape())
    model.train(training).to(meta)
    batch = moved(to_batch(split(rng), np.arange(64), order=0), meta)
    assert {getattr(batch, entry.name).device for entry in fields(batch)} == {meta}
    with torch.set_grad_enabled(training):
        loss = loss_of(model, batch, 0.3)
    assert loss.device == meta
    if training:
        loss.backward()
        assert {p.grad.device for p in model.parameters() if p.grad is not None} == {meta}
    else:
        assert model(batch)[0].shape == batch.base.shape


def test_a_batch_that_is_there_already_is_not_copied():
    """On the CPU nothing changes."""
    batch = to_batch(split(np.random.default_rng(0)), np.arange(8), order=0)
    assert moved(batch, torch.device("cpu")) is batch


@ON_CUDA
@pytest.mark.parametrize("arm", ["dnn_decayed", "din", "dien"])
def test_cuda_repeats_itself_and_starts_where_the_cpu_starts(arm, monkeypatch):
    """The same seed on CUDA gives the same bits twice; untrained it is the floor, as on the CPU."""
    planted = task(np.random.default_rng(0), n=96, next_item=successor)
    recipe = Recipe(replace(SHORT, dropout=0.0), half_life=4.0, fine_tune=False)
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    device.ready("cuda")
    try:
        once, again = (run_job(planted, Job(arm, 1), recipe=replace(recipe, device="cuda")) for _ in range(2))
    finally:
        torch.use_deterministic_algorithms(False)
    on_cpu = run_job(planted, Job(arm, 1), recipe=recipe)
    np.testing.assert_array_equal(once.test, again.test)
    assert once.curve == again.curve
    assert once.curve[0] == pytest.approx(on_cpu.curve[0])
    assert once.parameters == on_cpu.parameters


@ON_CUDA
def test_a_step_on_cuda_is_a_step_on_the_cpu():
    """Loss and gradients of DIEN agree to rounding."""
    found = {}
    for name in ("cpu", "cuda"):
        rng = np.random.default_rng(0)
        torch.manual_seed(0)
        model = ARMS["dien"].build(
            Embedder(*map(torch.from_numpy, tables(rng)), fine_tune=True), Shape(dropout=0.0)
        )
        for layer in (model.attention.query.weight, model.head.out.weight):
            torch.nn.init.normal_(layer)
        model.to(name)
        torch.manual_seed(1)
        batch = moved(to_batch(split(rng), np.arange(64), order=0), torch.device(name))
        loss_of(model, batch, 0.3).backward()
        found[name] = [p.grad.cpu() for p in model.parameters() if p.grad is not None]
    for one, two in zip(*found.values(), strict=True):
        torch.testing.assert_close(one, two, rtol=1e-3, atol=1e-4)
