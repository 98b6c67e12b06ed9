"""What the doctor says of a machine: what is there, what slows a run, and nothing that names anybody."""

from __future__ import annotations

import json
import platform
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from diagnose import checks, machine
from diagnose.cli import main
from diagnose.engine import checks as engine_checks
from diagnose.trial import checks as trial_checks
from diagnose.trial import device


@pytest.fixture
def fake_torch(monkeypatch):
    """PyTorch need not be loaded to be told of."""
    seen = device.Seen(cuda=False, told="PyTorch 9.9, built without CUDA")
    monkeypatch.setattr(trial_checks, "asked", lambda version: seen)


def run(*arguments: object):
    """The command in this process."""
    return CliRunner().invoke(main, ["doctor", *map(str, arguments)], catch_exceptions=False)


def test_a_machine_that_runs_the_tests_can_run_a_diagnosis(fake_torch, tmp_path):
    """Exit code 0, and every library, the cores, the memory and both engines are told."""
    done = run("--out", tmp_path)
    assert done.exit_code == 0, done.output
    for word in (
        "duckdb",
        "torch",
        "cores",
        "memory",
        "report folder",
        "engine spark",
        "terminal",
        "PyTorch",
    ):
        assert word in done.stdout
    assert "This machine can run a diagnosis" in done.stdout


def test_json_tells_the_same(fake_torch, tmp_path):
    """Each check with its state and what to do, for a report of a bug."""
    done = run("--json", "--out", tmp_path)
    told = json.loads(done.stdout)
    assert told["well"] is True
    named = {check["name"]: check for check in told["checks"]}
    assert named["engine duckdb"]["state"] == "ok"
    assert set(named["memory"]) == {"name", "state", "told", "attempt"}


@pytest.mark.parametrize("how", [(), ("--json",)])
def test_no_path_and_no_name_is_told(how, monkeypatch):
    """What is pasted into public places holds no home, no folder, no user and no host."""
    inside = Path(tempfile.mkdtemp(prefix="secret-person-"))
    monkeypatch.setenv("HOME", str(inside))
    monkeypatch.setenv("USER", "secret-person")
    monkeypatch.setenv("TMPDIR", str(inside))
    monkeypatch.setenv("OMP_NUM_THREADS", "/home/secret-person")
    monkeypatch.setattr(platform, "node", lambda: "secret-host")
    broken = device.Seen(cuda=False, told=f"PyTorch 9; no {inside}/libcuda.so, ~/.cache/x", broken=True)
    monkeypatch.setattr(trial_checks, "asked", lambda version: broken)
    monkeypatch.setattr(tempfile, "tempdir", str(inside))
    try:
        done = run(*how, "--out", inside / "reports")
    finally:
        shutil.rmtree(inside)
    assert done.exit_code == 6
    assert "secret" not in done.output
    assert ".cache" not in done.output
    assert str(Path(__file__).parent) not in done.output


def test_a_database_that_does_not_answer_is_a_problem(monkeypatch, fake_torch, tmp_path):
    """Exit code 6, the engine named, and what to do; its words, which may hold paths, are not repeated."""
    import duckdb

    def fails(*_: object) -> None:
        raise RuntimeError("/home/somebody/lib.so is broken")

    monkeypatch.setattr(duckdb, "connect", fails)
    done = run("--out", tmp_path)
    assert done.exit_code == 6
    assert "engine duckdb" in done.stdout.splitlines()[-1]
    assert "pip install" in done.stdout
    assert "somebody" not in done.output


def test_a_missing_library_is_a_problem(monkeypatch):
    """All that are missing are named in one line."""
    from diagnose import doctor

    monkeypatch.setattr(doctor, "installed", lambda name: None if name in ("scipy", "torch") else "1.0")
    needed, extras = doctor.packages()
    assert needed.state == "problem"
    assert "missing: torch, scipy" in needed.told
    assert extras.state == "ok"


@pytest.mark.parametrize(
    ("free", "limit", "state", "says"),
    [
        (20_000_000_000, None, "ok", ""),
        (20_000_000_000, 2_000_000_000, "note", "--no-trial"),
        (20_000_000_000, 8_000_000_000, "note", "--memory-limit 4GB"),
        (300_000_000, None, "problem", "free some"),
    ],
)
def test_memory_is_judged_by_the_least_of_what_is_free_and_allowed(monkeypatch, free, limit, state, says):
    """A container that may use little is told so, with the option that helps."""
    monkeypatch.setattr(machine, "_total_memory", lambda: 32_000_000_000)
    monkeypatch.setattr(machine, "_free_memory", lambda: free)
    monkeypatch.setattr(machine, "_memory_limit", lambda: limit)
    check = machine.memory()
    assert check.state == state
    assert says in check.attempt


def test_limits_of_control_groups_are_read(monkeypatch, tmp_path):
    """Both versions of control groups; "max" is no limit."""
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    assert machine._quota() is None
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert machine._quota() == 1.5
    assert machine._memory_limit() is None
    (tmp_path / "memory.max").write_text("4000000000\n")
    assert machine._memory_limit() == 4_000_000_000
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert machine._quota() is None


def test_less_time_than_cores_is_noted(monkeypatch):
    """A quota below the cores that are seen says which --threads to give."""
    monkeypatch.setattr(machine, "_affinity", lambda: range(16))
    monkeypatch.setattr(machine, "_quota", lambda: 2.0)
    check = machine.cores()
    assert check.state == "note"
    assert "--threads 2" in check.attempt


@pytest.mark.parametrize(("free", "state"), [(50_000_000, "problem"), (900_000_000, "note"), (9e9, "ok")])
def test_a_full_disk_is_told(monkeypatch, tmp_path, free, state):
    """Little room in the temporary folder slows a sort; hardly any ends it."""
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))
    check = machine._disk("temporary folder", tmp_path / "not" / "there", "--temp-dir FOLDER")
    assert check.state == state
    assert ("--temp-dir" in check.attempt) == (state != "ok")


@pytest.mark.parametrize(("java", "state"), [(None, "note"), (11, "note"), (17, "ok")])
def test_spark_without_its_java_is_noted(monkeypatch, java, state):
    """The extra alone does not make Spark run."""
    monkeypatch.setattr(engine_checks, "installed", lambda package: "4.3.0")
    monkeypatch.setattr(engine_checks, "_java", lambda: java)
    assert engine_checks._spark().state == state


def test_a_gpu_that_works_is_named(monkeypatch):
    """Its name and memory stand in the line."""
    seen = device.Seen(cuda=True, told="PyTorch 9.9, built for CUDA 12", gpu="Large GPU, 80 GB")
    monkeypatch.setattr(trial_checks, "asked", lambda version: seen)
    told = {check.name: check.told for check in trial_checks.checks()}
    assert told["gpu"].startswith("Large GPU, 80 GB")


@pytest.mark.parametrize(
    "text", ["no /usr/lib/x.so here", "~/thing", r"C:\Users\me\torch.dll", "in ./folder/x and ../y/z"]
)
def test_paths_are_taken_out_of_words(text):
    """Nothing of a path is left, the words around it are."""
    left = checks.without_paths(text)
    assert not {"usr", "thing", "Users", "folder", "x.so", "me"} & set(left.replace("\\", "/").split("/"))
    assert "…" in left
    assert checks.without_paths("CUDA 12.1 and PyTorch 2.5, built without") == (
        "CUDA 12.1 and PyTorch 2.5, built without"
    )
