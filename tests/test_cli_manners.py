"""The manners of the command line: help in sections, near misses, completion, quiet and verbose."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from diagnose.cli import completing, main
from diagnose.cli.sections import SECTIONS


def run(*arguments: object):
    """The command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


EXAMPLE = Path(__file__).parent.parent / "reports" / "example.json"


@pytest.fixture
def shop(tmp_path):
    """A log small enough for seconds."""
    path = tmp_path / "shop.parquet"
    assert run("simulate", "ecommerce", "--users", 700, "--out", path).exit_code == 0
    return path


def _options(command: str) -> set[str | None]:
    return {param.name for param in main.commands[command].params if isinstance(param, click.Option)}


@pytest.mark.parametrize("command", ["analyze", "trial", "inspect"])
def test_every_option_of_a_long_help_has_a_section(command):
    """Sections name each option once, and --help shows each under a title."""
    named = [name for _, names in SECTIONS for name in names]
    assert len(named) == len(set(named))
    assert _options(command) <= set(named)
    shown = run(command, "--help").output
    for option in main.commands[command].params:
        if isinstance(option, click.Option):
            assert shown.count(f"{option.opts[0]} ") + shown.count(f"{option.opts[0]},") >= 1
    assert "Reading the log:" in shown
    assert "-h, --help" in shown


def test_sections_name_only_options_that_are_there():
    """No section speaks of an option that has gone."""
    there = set().union(*(_options(command) for command in main.commands))
    assert {name for _, names in SECTIONS for name in names} <= there


def test_help_without_a_command():
    """`diagnose` alone and -h show the commands."""
    for arguments in ((), ("-h",), ("--help",)):
        shown = run(*arguments).output
        for command in main.commands:
            assert command in shown


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("analyse", "x"), "analyze"),
        (("analyze", "x", "--no-trail"), "--no-trial"),
        (("analyze", "x", "--budget", "quik"), "quick"),
        (("analyze", "x", "--fail-on", "recency_enough"), "--fail-on recency_is_enough"),
        (("simulate", "ecomerce", "--out", "x.parquet"), "diagnose simulate ecommerce"),
        (("explain", "half_live_days"), "half_life_days"),
    ],
)
def test_a_slip_is_answered_with_what_was_meant(arguments, meant):
    """Exit code 2, and the nearest that there is."""
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert meant in done.stderr


def test_a_role_that_is_mistyped_is_answered_with_the_nearest(shop, tmp_path):
    """--column says which role was meant."""
    done = run("analyze", shop, "--no-trial", "--column", "timestmp=when", "--out", tmp_path / "r")
    assert done.exit_code == 2
    assert "--column timestamp=when" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_is_printed_and_parses(shell):
    """It speaks of our program and variable, and the shell, where it is here, can read it."""
    done = run("completion", shell)
    assert done.exit_code == 0
    assert "_DIAGNOSE_COMPLETE" in done.stdout
    assert "diagnose" in done.stdout
    if program := shutil.which(shell):
        read = subprocess.run([program, "-n"], input=done.stdout, text=True, capture_output=True)
        assert read.returncode == 0, read.stderr


def _completed(*words: str) -> str:
    """What bash is told to complete, asked as its script asks."""
    environment = {
        **os.environ,
        "_DIAGNOSE_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["diagnose", *words]),
        "COMP_CWORD": str(len(words)),
    }
    asked = "from diagnose.cli import main; main(prog_name='diagnose')"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, env=environment)
    assert ran.stderr == ""
    return ran.stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("expl",), "plain,explain"),
        (("explain", "interest_persistence.half"), "plain,interest_persistence.half_life_days"),
        (("simulate", "st"), "plain,sticky_sessions"),
        (("analyze", "--column", "time"), "plain,timestamp="),
        (("analyze", "--fail-on", "inconclusive,fix"), "plain,inconclusive,fix_capture_first"),
        (("analyze", "--budget", "q"), "plain,quick"),
        (("analyze", "some"), "file,some"),
        (("analyze", "--panel", "tot"), "file,tot"),
    ],
)
def test_names_are_completed(words, offered):
    """Commands, terms, scenarios, roles, outcomes after a comma, choices; files are left to the shell."""
    assert offered in _completed(*words).splitlines()


def test_an_outcome_is_offered_once():
    """What stands before the comma is not offered again."""
    context = click.Context(main)
    offered = completing.outcomes(context, main.commands["analyze"].params[0], "inconclusive,")
    values = [item.value for item in offered]
    assert "inconclusive,recency_is_enough" in values
    assert "inconclusive,inconclusive" not in values


def test_quiet_and_verbose_exclude_each_other(shop):
    """Both at once is wrong usage, and says so."""
    done = run("inspect", shop, "--quiet", "--verbose")
    assert done.exit_code == 2
    assert "exclude each other" in done.stderr


def test_quiet_leaves_the_verdict_and_verbose_tells_the_stages(shop, tmp_path):
    """stdout is the same in both but for the files' folder; stderr is empty in one, full in the other."""
    quiet = run("analyze", shop, "--no-trial", "-q", "--out", tmp_path / "r")
    loud = run("analyze", shop, "--no-trial", "-v", "--out", tmp_path / "r")
    assert quiet.exit_code == loud.exit_code == 0
    assert quiet.stderr == ""
    assert quiet.stdout == loud.stdout
    for word in ("Reading the log (", "with enough history", "Drift: ", "probes measured", "not asked for"):
        assert word in loud.stderr


def test_a_terminal_without_our_letters_gets_question_marks():
    """The end of a run is no place for an error about encoding."""
    code = (
        "from diagnose.cli import group\nfrom diagnose import report, screen\n"
        "group._show_what_can_be_shown()\n"
        f"screen.tell(report.parse_json(open({str(EXAMPLE)!r}).read()), [])"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert ran.returncode == 0, ran.stderr
    assert "? for" in ran.stdout


def test_a_full_disk_ends_with_6(shop, tmp_path, monkeypatch):
    """No room is no bug of ours: the exit code of resources, and where to put things."""
    from diagnose import pipeline

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pipeline, "analyze", full)
    done = run("analyze", shop, "--out", tmp_path / "r")
    assert done.exit_code == 6
    assert "--temp-dir" in done.stderr
