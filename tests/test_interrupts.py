"""Ctrl-C and SIGTERM in a real process: what is told, what is left, and that nothing goes on behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from diagnose.cli import main

PATIENCE = 120  # seconds to come to the moment of interest on a busy machine
SOON = 20  # seconds to end in
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A log small enough for seconds."""
    path = tmp_path / "shop.parquet"
    made = CliRunner().invoke(main, ["simulate", "ecommerce", "--users", "700", "--out", str(path)])
    assert made.exit_code == 0, made.output
    return path


def _started(folder: Path, *arguments: object) -> subprocess.Popen[str]:
    """The command in a process of its own, with its own temporary folder and SIGINT as a terminal has it."""
    (folder / "tmp").mkdir()
    with (folder / "stderr").open("w") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "diagnose", *map(str, arguments), "--out", str(folder / "r")],
            stderr=said,
            stdout=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "TMPDIR": str(folder / "tmp"), "OMP_NUM_THREADS": "1"},
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )


def _until(process: subprocess.Popen[str], come: Callable[[], bool]) -> None:
    """Wait for the moment."""
    until = time.monotonic() + PATIENCE
    while not come():
        assert process.poll() is None, "it ended before the moment came"
        assert time.monotonic() < until
        time.sleep(0.1)


def _ends(process: subprocess.Popen[str], folder: Path, how: signal.Signals, *, group: bool = False) -> str:
    """Send the signal; what it said. It must end soon, with its children, and leave no file of ours."""
    children = psutil.Process(process.pid).children(recursive=True)
    if group:  # as a terminal does: the workers hear it too
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    process.wait(SOON)
    _, alive = psutil.wait_procs(children, timeout=SOON)
    assert not alive
    assert not list((folder / "tmp").glob("diagnose-*"))
    assert not (folder / "r").exists() or not list((folder / "r").iterdir())
    said = (folder / "stderr").read_text()
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ended_during_the_probes_it_says_how_far_it_was(how, code, shop, tmp_path):
    """The exit code of the signal, the stages that were done, no report and nothing left behind."""
    process = _started(tmp_path, "analyze", shop, "--no-trial", "--verbose")
    _until(process, lambda: "Capture" in (tmp_path / "stderr").read_text())
    said = _ends(process, tmp_path, how)
    assert process.returncode == code
    assert "no report was written" in said
    assert "It was at: Drift; done before: Reading the log (" in said


@pytest.mark.parametrize("group", [True, False])
def test_ended_during_the_trial_no_worker_goes_on(group, shop, tmp_path):
    """130, every worker is gone, and the user is told what is kept and that the same command goes on."""
    process = _started(tmp_path, "trial", shop, "--budget", "quick", "--quiet", "--keep", tmp_path / "k")

    def training() -> bool:
        return any("diagnose.trial.workers" in " ".join(child.cmdline()) for child in _children(process))

    _until(process, training)
    said = _ends(process, tmp_path, signal.SIGINT, group=group)
    assert process.returncode == 130
    assert f"Kept in {tmp_path / 'k'}: 0 of 15 trainings; the same command goes on from there." in said
    assert "It was at: Trial" in said


def _children(process: subprocess.Popen[str]) -> list[psutil.Process]:
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
