"""The configuration file: what it says goes behind the command line and before the defaults."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from diagnose import pipeline, simulate
from diagnose.cli import main
from diagnose.errors import UsageError
from diagnose.settings import Settings
from diagnose.settings.changes import BY_OPTION, changed, faults


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A working folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(folder, monkeypatch):
    """Run a command that would read a log; returns what it would have been told."""
    seen = {}

    def instead(logs, **given):
        seen.update(given)
        raise UsageError("called")

    monkeypatch.setattr(pipeline, "analyze", instead)
    monkeypatch.setattr(pipeline, "inspect", instead)
    monkeypatch.setattr("diagnose.alone.run_trial", instead)

    def run(*arguments: str):
        seen.clear()
        ran = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
        assert ran.stderr.endswith("called\n"), ran.stderr
        return seen, ran.stderr

    return run


def refused(*arguments: str) -> str:
    """The error of a command whose file is at fault."""
    ran = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
    assert ran.exit_code == 2, ran.output
    return ran.stderr


def test_the_command_line_goes_before_the_file_and_the_file_before_the_defaults(folder, call):
    """Of three users' numbers the nearest holds; what nobody said stays as it was."""
    (folder / "diagnose.toml").write_text("users = 700\nminimum-lift = 0.01\nseed = 3\n")
    seen, told = call("analyze", "log.csv", "--users", "900")
    settings = seen["settings"]
    assert (settings.sample.users, settings.trial.minimum_lift, settings.seed) == (900, 0.01, 3)
    assert settings.trial.budget == Settings().trial.budget
    assert "from diagnose.toml: users, minimum-lift, seed" in told
    assert call("analyze", "log.csv", "-q")[1] == "called\n"


def test_every_kind_of_option_can_be_said(folder, call):
    """Flags, lists, choices, paths and texts, each as TOML writes it."""
    (folder / "diagnose.toml").write_text(
        'no_trial = true\nhandoff = ["open_app", "share"]\nfunnel = "view,buy"\ncapture_rate = 0.2\n'
        'preset = "movielens"\nkeep = "kept"\ndevice = "cpu"\nmemory_limit = "2GB"\nusers = "all"\n'
    )
    seen, _ = call("analyze", "log.csv")
    settings = seen["settings"]
    assert not settings.trial.run
    assert settings.capture.handoffs == ("open_app", "share")
    assert (settings.capture.funnel, settings.capture.declared_low) == (("view", "buy"), 0.2)
    assert (seen["preset"], seen["keep"], seen["options"].memory_bytes) == (
        "movielens",
        Path("kept"),
        2 * 10**9,
    )
    assert settings.sample.users is None
    assert call("analyze", "log.csv", "--trial")[0]["settings"].trial.run


def test_the_table_of_a_command_goes_before_what_is_shared(folder, call):
    """[trial] speaks to that command alone; keys that a command has not are none of its business."""
    (folder / "diagnose.toml").write_text(
        'budget = "quick"\n[trial]\nbudget = "thorough"\n'
        '[trial.columns]\nitem = "sku"\n[columns]\nuser = "uid"\n'
    )
    assert call("analyze", "log.csv")[0]["settings"].trial.budget == "quick"
    seen, _ = call("trial", "log.csv")
    assert (seen["settings"].trial.budget, seen["columns"]) == ("thorough", {"user": "uid", "item": "sku"})
    assert call("inspect", "log.csv")[0]["columns"] == {"user": "uid"}


def test_columns_are_merged_role_by_role(folder, call):
    """--column replaces one role of the file, and a position its timestamp."""
    (folder / "diagnose.toml").write_text('[columns]\nuser = "uid"\ntimestamp = "when"\ncategory = ""\n')
    columns = call("analyze", "log.csv", "--column", "user=visitor")[0]["columns"]
    assert columns == {"user": "visitor", "timestamp": "when", "category": ""}
    columns = call("analyze", "log.csv", "--column", "position=place")[0]["columns"]
    assert columns == {"user": "uid", "position": "place", "category": ""}


def test_the_file_is_found_named_or_left_alone(folder, call):
    """diagnose.toml, else pyproject's table; --config names another; --no-config and an empty name none."""
    (folder / "pyproject.toml").write_text(
        "[tool.diagnose]\nseed = 1\n[tool.diagnose.settings.paths]\nshown = 3\n"
    )
    seen, told = call("analyze", "log.csv")
    assert (seen["settings"].seed, seen["settings"].paths.shown) == (1, 3)
    assert "from pyproject.toml [tool.diagnose]: seed, settings.paths.shown" in told
    (folder / "diagnose.toml").write_text("seed = 2\n")
    assert call("analyze", "log.csv")[0]["settings"].seed == 2
    (folder / "other.toml").write_text("seed = 4\n")
    assert call("analyze", "--config", "other.toml", "log.csv")[0]["settings"].seed == 4
    assert call("analyze", "--config", "pyproject.toml", "log.csv")[0]["settings"].seed == 1
    for none in (["--no-config"], ["--config", ""]):
        seen, told = call("analyze", "log.csv", *none)
        assert (seen["settings"], told) == (Settings(), "called\n")
    for both in (["--no-config", "--config", "other.toml"], ["--config", "other.toml", "--no-config"]):
        assert "different things" in refused("analyze", "log.csv", *both)


def test_another_project_s_file_is_none_of_ours(folder, call):
    """A pyproject.toml without our table, or one that is broken elsewhere, changes nothing."""
    for text in ("[tool.ruff]\nline-length = 100\n", "[project\nname = 1\n"):
        (folder / "pyproject.toml").write_text(text)
        assert call("analyze", "log.csv")[0]["settings"] == Settings()


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("diagnose.toml", "seed = = 1", "diagnose.toml is no TOML"),
        ("pyproject.toml", "[tool.diagnose]\nseed = = 1", "pyproject.toml is no TOML"),
        ("missing.toml", None, "missing.toml cannot be read"),
        ("empty/pyproject.toml", "[project]\n", "no table [tool.diagnose]"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_error(folder, file, text, says):
    """It is named, with what is wrong with it."""
    if text is not None:
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(text)
    named = [] if file == "diagnose.toml" or text == "[tool.diagnose]\nseed = = 1" else ["--config", file]
    assert says in refused("analyze", "log.csv", *named)


FAULTS = {
    "minimum_lfit = 0.1": "minimum_lfit: there is no such option (meant minimum_lift?)",
    "users = true": "users: a text is wanted, not true",
    'seed = "1"': "seed: a whole number is wanted, not '1'",
    "seed = 1.5": "seed: a whole number is wanted, not 1.5",
    "minimum_lift = 2": "is not in the range 0<x<=0.5",
    'budget = "endless"': "budget: 'endless' is not one of",
    "quiet = 1": "quiet: true or false is wanted, not 1",
    "handoff = [1]": "handoff: a text or a list of texts is wanted, not 1",
    'column = ["user=uid"]': "column: there is no such option (roles are said in [columns])",
    'config = "x"': "config: there is no such option",
    'spark_remote = "sc://h:1/;token=abc"': "spark_remote: holds a password or a token",
    'panel = "https://me:secret@host/panel.csv"': "panel: holds a password or a token",
    '[columns]\nusr = "x"': "columns.usr: there is no such role (meant user?)",
    "[columns]\nuser = 3": "columns.user: the name of a column is wanted, not 3",
    '[columns]\nposition = "a"\ntimestamp = "b"': "a timestamp or a position, not both",
    '[analyse]\nout = "x"': "[analyse]: there is no such table (meant analyze?)",
    '[trial]\nfail_on = "inconclusive"': "trial.fail_on: there is no such option",
    "[settings.persistance]\ndraws = 3": "settings.persistance: there is no such table (meant persistence?)",
    "[settings.persistence]\nfloor_drift = 1": "(meant floor_drift_share?)",
    "[settings.persistence]\ndraws = 3.5": "settings.persistence.draws: a whole number is wanted, not 3.5",
    '[settings.trial]\nbudget = "quick"': "settings.trial.budget: said by the option budget, not here",
}


def test_all_faults_of_a_file_are_told_at_once(folder):
    """One message for wrong keys, types and secrets, each with what was meant, without the secret."""
    alone = [text for text in FAULTS if "\n" not in text and text.split(" ")[0] != "seed"]
    (folder / "diagnose.toml").write_text(
        "\n".join([*alone, *(text for text in FAULTS if "[settings.tr" in text)])
    )
    told = refused("inspect", "log.csv")
    for text in alone:
        assert FAULTS[text] in told
    assert f"{len(alone) + 1} faults" in told
    assert "secret" not in told
    assert "token=abc" not in told


@pytest.mark.parametrize("text", FAULTS)
def test_each_fault_is_told_by_itself(folder, text):
    """Whichever command runs, what is wrong in the file is an error of the file."""
    (folder / "diagnose.toml").write_text(text)
    assert FAULTS[text] in refused("analyze", "log.csv")


def test_defaults_are_without_faults():
    """Every setting may be written down as it is, but for those that options say."""
    rooms = json.loads(json.dumps(dataclasses.asdict(Settings())))
    given = {
        room: {
            key: value
            for key, value in table.items()
            if value is not None and key not in BY_OPTION.get(room, {})
        }
        for room, table in rooms.items()
        if isinstance(table, dict)
    }
    assert faults(given) == []
    assert changed(Settings(), given) == Settings()


def test_what_options_say_exists():
    """The table of settings that options say names settings and options that are there."""
    from diagnose.cli.analyze import analyze
    from diagnose.cli.keys import keys_of

    for room, named in BY_OPTION.items():
        assert set(named) <= {field.name for field in dataclasses.fields(getattr(Settings(), room))}
        assert set(named.values()) <= set(keys_of(analyze))


@pytest.mark.parametrize(
    ("room", "setting", "value", "read"),
    [
        ("orphans", "direct_shares", [0, 0.2], (0.0, 0.2)),
        ("gap_law", "minimum_users", 7, 7),
        ("sample", "session_gap_minutes", 45, 45.0),
    ],
)
def test_values_get_the_type_of_their_record(room, setting, value, read):
    """Lists become tuples, whole numbers may stand for others."""
    assert faults({room: {setting: value}}) == []
    found = getattr(getattr(changed(Settings(), {room: {setting: value}}), room), setting)
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize("value", [-1, 0, "3", True, float("nan"), [3]])
def test_numbers_that_cannot_be_are_faults(value):
    """Counts are whole and at least 1 where the default is."""
    assert len(faults({"persistence": {"draws": value}})) == 1


def test_a_changed_threshold_is_in_the_report(folder):
    """What the file changes decides, is in the JSON, and is named on the page with its default."""
    simulate.write(simulate.world("ecommerce", users=60, seed=0), folder / "log.parquet")
    (folder / "diagnose.toml").write_text("trial = false\n[settings.verdict]\nlow_capture = 0.25\n")
    ran = CliRunner().invoke(main, ["analyze", "log.parquet"], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    assert (
        json.loads((folder / "reports" / "log.json").read_text())["settings"]["verdict"]["low_capture"]
        == 0.25
    )
    page = (folder / "reports" / "log.html").read_text()
    assert "Settings changed from their defaults" in page
    assert "verdict.low_capture 0.25 (0.5)" in page
