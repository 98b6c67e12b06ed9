"""The command line: verdicts, files and exit codes, and one clear error for every bad input."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from diagnose.cli import main


def run(*arguments: object):
    """Call the command in this process; an exception that escapes fails the test."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def _simulated(folder: Path, users: int) -> Path:
    path = folder / "shop.parquet"
    assert run("simulate", "ecommerce", "--users", users, "--out", path).exit_code == 0
    return path


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Path:
    """A small shop log, big enough for the gate."""
    return _simulated(tmp_path_factory.mktemp("shop"), 700)


@pytest.fixture(scope="module")
def corner_shop(tmp_path_factory) -> Path:
    """Too few users for most probes, so that a diagnosis is a matter of seconds; enough for a trial."""
    return _simulated(tmp_path_factory.mktemp("corner"), 300)


@pytest.fixture(scope="module")
def diagnosed(shop, tmp_path_factory):
    """What `analyze` says of the shop, and the folder with its report."""
    out = tmp_path_factory.mktemp("diagnosed")
    return run("analyze", shop, "--no-trial", "--out", out), out


def nothing_written(folder: Path) -> bool:
    """No report and no part of one."""
    return not folder.exists() or not list(folder.iterdir())


def test_analyze_ends_with_a_verdict_and_two_files(diagnosed):
    """Exit code 0, the headline first on stdout, one HTML and one JSON that agree."""
    done, out = diagnosed
    assert done.exit_code == 0, done.output
    result = json.loads((out / "shop.json").read_text())
    assert done.stdout.splitlines()[0] == result["verdict"]["headline"]
    assert result["trial"]["status"] == "skipped"
    page = (out / "shop.html").read_text()
    assert "<h1" in page
    assert "shop.parquet" in page


def test_a_quiet_process_of_its_own_gives_the_same_bytes_but_for_the_timings(shop, diagnosed, tmp_path):
    """Two runs of one log and seed differ in nothing but `timings`; with --quiet stderr is empty."""
    command = [sys.executable, "-m", "diagnose", "analyze", str(shop), "--no-trial", "--quiet"]
    quiet = subprocess.run([*command, "--out", str(tmp_path)], capture_output=True, text=True)
    assert (quiet.returncode, quiet.stderr) == (0, "")
    one, other = (json.loads((folder / "shop.json").read_text()) for folder in (diagnosed[1], tmp_path))
    assert one.pop("timings").keys() == other.pop("timings").keys()
    assert one == other


def test_fail_on_ends_with_4_and_still_writes(corner_shop, tmp_path):
    """A pipeline may stop on an outcome; the report is there all the same."""
    done = run("analyze", corner_shop, "--no-trial", "--fail-on", "inconclusive", "--out", tmp_path / "r")
    assert done.exit_code == 4
    assert (tmp_path / "r" / "shop.html").exists()


def test_inspect_tells_columns_and_hygiene(shop):
    """The mapping and the faults, in words, on stdout."""
    shown = run("inspect", shop)
    assert shown.exit_code == 0
    for word in ("user", "item", "timestamp", "category"):
        assert word in shown.stdout


def test_no_user_id_leaves_the_log(shop, diagnosed):
    """Neither report holds an id of a user."""
    _, out = diagnosed
    written = (out / "shop.html").read_text() + (out / "shop.json").read_text()
    users = pd.read_parquet(shop).filter(regex="user").iloc[:, 0].astype(str).unique()
    assert len(users) > 500
    assert not [user for user in users if len(user) > 4 and user in written]


def _tiny(monkeypatch) -> None:
    """A trial of seconds, of whatever budget is asked for: one training of two arms."""
    from diagnose.budgets import BUDGETS
    from diagnose.trial import experiment

    small = dataclasses.replace(BUDGETS["quick"], seeds=1, training_targets=500)
    monkeypatch.setitem(BUDGETS, "quick", small)
    monkeypatch.setattr(experiment, "arms_to_run", lambda settings, **how: ("dnn", "dien"))


def test_trial_prints_arms_and_contrasts_and_writes_them(corner_shop, tmp_path, monkeypatch):
    """The lift first, a line an arm and a contrast, and JSON under the names of the whole result."""
    _tiny(monkeypatch)
    done = run("trial", corner_shop, "--budget", "quick", "--out", tmp_path / "r", "--keep", tmp_path / "k")
    assert done.exit_code == 0, done.output
    result = json.loads((tmp_path / "r" / "shop.trial.json").read_text())
    lift = next(contrast for contrast in result["trial"]["contrasts"] if contrast["name"] == "lift")
    assert done.stdout.startswith("DIEN against plain DNN: ")
    assert f"{abs(lift['value']):.4f}" in done.stdout.splitlines()[0]
    for arm in result["trial"]["arms"]:
        assert f"{arm['gauc']['low']:.4f} to {arm['gauc']['high']:.4f}" in done.stdout
    assert set(result["timings"]["arms"]) == {"dnn", "dien"}
    assert "verdict" not in result
    assert f"wrote {tmp_path / 'r' / 'shop.trial.json'}" in done.stdout.replace("\n", "")
    assert len(list((tmp_path / "k").glob("*.json"))) == 2
    assert [path.name for path in (tmp_path / "r").iterdir()] == ["shop.trial.json"]
    again = run("trial", corner_shop, "--budget", "quick", "--out", tmp_path / "s", "--keep", tmp_path / "k")
    assert "2 of 2 trainings taken over" in again.stderr
    repeated = json.loads((tmp_path / "s" / "shop.trial.json").read_text())
    assert {**repeated, "timings": 0} == {**result, "timings": 0}


def test_a_log_without_order_is_not_tried_and_says_so(tmp_path):
    """Exit code 0, the reason on stdout, a JSON that holds it."""
    log = tmp_path / "days.parquet"
    run("simulate", "day_only", "--users", 700, "--out", log)
    done = run("trial", log, "--out", tmp_path / "r")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("No trial: the order of behaviour is not in the log")
    assert json.loads((tmp_path / "r" / "days.trial.json").read_text())["trial"]["status"] == "skipped"


@pytest.mark.parametrize("command", ["analyze", "trial"])
@pytest.mark.parametrize("fault", ["cuda", "keep"])
def test_what_the_trial_lacks_is_told_before_the_log_is_read(command, fault, tmp_path, monkeypatch):
    """A device or a folder that is not there is wrong usage, even where the log is missing too."""
    from diagnose.trial import device

    monkeypatch.setattr(device, "seen", lambda: device.Seen(cuda=False, told="PyTorch 9, built without CUDA"))
    (tmp_path / "file").write_text("")
    wrong = ("--device", "cuda") if fault == "cuda" else ("--keep", tmp_path / "file" / "in")
    done = run(command, tmp_path / "nothing.parquet", *wrong, "--out", tmp_path / "r")
    assert done.exit_code == 2, done.output
    assert f"--{'device cuda' if fault == 'cuda' else 'keep'}" in done.stderr
    assert "Found:" in done.stderr
    assert "Try:" in done.stderr
    assert nothing_written(tmp_path / "r")


def test_without_a_trial_neither_device_nor_folder_matter(corner_shop, tmp_path):
    """--no-trial asks nobody for a GPU and makes no folder."""
    options = ("--no-trial", "--device", "cuda", "--keep", tmp_path / "k")
    done = run("analyze", corner_shop, *options, "--out", tmp_path / "r")
    assert done.exit_code == 0, done.output
    assert not (tmp_path / "k").exists()


def test_an_interrupted_trial_ends_with_130_and_goes_on_from_there(corner_shop, tmp_path, monkeypatch):
    """Ctrl-C after a training keeps it, writes no report, and the same command trains the rest."""
    from diagnose.trial.kept import Shelf

    _tiny(monkeypatch)
    command = ("trial", corner_shop, "--budget", "quick", "--out", tmp_path / "r", "--keep", tmp_path / "k")
    keep = Shelf.keep

    def interrupted(shelf, job, outcome):
        keep(shelf, job, outcome)
        raise KeyboardInterrupt

    with monkeypatch.context() as once:
        once.setattr(Shelf, "keep", interrupted)
        done = run(*command)
    assert done.exit_code == 130
    assert nothing_written(tmp_path / "r")
    done = run(*command)
    assert done.exit_code == 0, done.output
    assert "1 of 2 trainings taken over" in done.stderr


def _write(path: Path, frame: pd.DataFrame) -> Path:
    frame.to_parquet(path)
    return path


def _events(users: int, each: int) -> pd.DataFrame:
    """`users` users with `each` events a minute apart."""
    rows = users * each
    return pd.DataFrame(
        {
            "user_id": [f"visitor-{row // each}" for row in range(rows)],
            "item_id": [row * 7 % 13 for row in range(rows)],
            "timestamp": [1_700_000_000 + 60 * (row % each) for row in range(rows)],
        }
    )


def _nulled(column: str, kind: str) -> pd.DataFrame:
    return _events(9, 9).assign(**{column: pd.array([None] * 81, kind)})


BAD_LOGS = {
    "a missing column": lambda folder: _write(folder / "l.parquet", _events(9, 9).drop(columns="timestamp")),
    "no rows": lambda folder: _write(folder / "l.parquet", _events(9, 9).iloc[:0]),
    "a text file named .parquet": lambda folder: _text(folder / "l.parquet", "not a parquet file\n"),
    "a file of no bytes": lambda folder: _text(folder / "l.csv", ""),
    "a file that is not there": lambda folder: folder / "nothing.parquet",
    "null times": lambda folder: _write(folder / "l.parquet", _nulled("timestamp", "Int64")),
    "null users": lambda folder: _write(folder / "l.parquet", _nulled("user_id", "string")),
}


def _text(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize("fault", BAD_LOGS)
def test_a_log_that_cannot_be_read_is_one_clear_error(fault, tmp_path):
    """Exit code 3, what and what to try on stderr, no traceback, nothing written."""
    folder = tmp_path / "logs"
    folder.mkdir()
    done = run("analyze", BAD_LOGS[fault](folder), "--no-trial", "--out", tmp_path / "r")
    assert done.exit_code == 3, done.output
    assert "Try:" in done.stderr
    assert "Traceback" not in done.stderr
    assert nothing_written(tmp_path / "r")


HONEST_LOGS = {
    "a single user": lambda: _events(1, 30),
    "users with one event each": lambda: _events(300, 1),
    "three events in all": lambda: _events(1, 3),
    "a column of quotes and spaces": lambda: _events(20, 9).rename(columns={"user_id": 'the "user" id'}),
    "strings of ten million characters": lambda: _events(20, 9).assign(
        category=["x" * 10_000_000 if row == 7 else "<script>alert(1)</script>" for row in range(180)]
    ),
}


@pytest.mark.parametrize("oddity", HONEST_LOGS)
def test_an_odd_log_gets_an_honest_verdict(oddity, tmp_path):
    """Exit code 0 and an outcome that claims nothing."""
    frame = HONEST_LOGS[oddity]()
    path = _write(tmp_path / "odd.parquet", frame)
    user = next(name for name in frame.columns if "user" in name)
    done = run("analyze", path, "--no-trial", "--column", f"user={user}", "--out", tmp_path / "r")
    assert done.exit_code == 0, done.output
    result = json.loads((tmp_path / "r" / "odd.json").read_text())
    assert result["verdict"]["outcome"] in {"inconclusive", "not_measurable"}
    page = (tmp_path / "r" / "odd.html").read_text()
    assert "<script" not in page
    assert len(page) < 300_000


@pytest.mark.parametrize(
    "arguments",
    [
        ("--column", "nonsense"),
        ("--column", "colour=red"),
        ("--users", "many"),
        ("--capture-rate", "1.5"),
        ("--funnel", "view"),
        ("--funnel", "view,view"),
        ("--capture-rate", "0.3:0.1"),
        ("--target", "no-such-event"),
        ("--fail-on", "rain"),
        ("--budget", "endless"),
        ("--engine", "duckdb", "--spark-master", "local[2]"),
        ("--no-such-option",),
    ],
)
def test_wrong_usage_ends_with_2(arguments, shop, tmp_path):
    """The wrong word is named, and nothing is written."""
    done = run("analyze", shop, "--no-trial", *arguments, "--out", tmp_path / "r")
    assert done.exit_code == 2, done.output
    assert arguments[-1] in done.stderr
    assert nothing_written(tmp_path / "r")


def test_interrupt_ends_with_130(shop, tmp_path, monkeypatch):
    """Ctrl-C says so in a line and leaves no report behind."""
    from diagnose import pipeline

    monkeypatch.setattr(pipeline, "analyze", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    done = run("analyze", shop, "--out", tmp_path / "r")
    assert done.exit_code == 130
    assert nothing_written(tmp_path / "r")


def test_a_bug_of_ours_ends_with_1_and_no_traceback(shop, tmp_path, monkeypatch):
    """An unexpected error names itself and how to see more."""
    from diagnose import pipeline

    monkeypatch.setattr(pipeline, "analyze", lambda *_, **__: 1 / 0)
    done = run("analyze", shop, "--out", tmp_path / "r")
    assert done.exit_code == 1
    assert "ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr


def test_progress_is_silent_where_nobody_looks(corner_shop, tmp_path):
    """Without a terminal no bar is drawn: what is told of the log comes as lines."""
    command = [sys.executable, "-m", "diagnose", "analyze", str(corner_shop), "--no-trial"]
    loud = subprocess.run([*command, "--out", str(tmp_path)], capture_output=True, text=True)
    assert loud.returncode == 0, loud.stderr
    assert "\x1b" not in loud.stderr + loud.stdout
    assert "user" in loud.stderr
