"""Presets as a user meets them: the command, the page that lists them, what is predicted."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import diagnose
from diagnose import schema
from diagnose.cli import main
from diagnose.errors import UsageError
from diagnose.schema import PRESETS, Form, Preset
from diagnose.settings import Settings, TrialSettings

PAGE = Path(__file__).parents[1] / "docs" / "presets.md"


def written(preset: Preset) -> str:
    """A preset's section of docs/presets.md. To rewrite the page, print this for each of them."""
    lines = [
        f"## `{preset.name}`",
        "",
        f"{preset.title}.",
        "",
        "| file | columns | times | roles |",
        "|---|---|---|---|",
    ]
    lines += [_row(form) for form in preset.forms]
    lines += ["", f"Predicted where `--target` names nothing: `{preset.target}`."] if preset.target else []
    lines += ["", *(f"* {caveat}" for caveat in preset.caveats)]
    return "\n".join(lines) + "\n"


def _row(form: Form) -> str:
    parted = {"\t": "tab", ",": "comma", ";": "semicolon"}.get(form.delimiter, f"`{form.delimiter}`")
    kind = f"{parted}, {'a header' if form.header else 'no header'}" if form.example else "JSON lines"
    file = f"`{form.file}`" if " " not in form.file else form.file
    roles = ", ".join(f"{role} = `{name}`" if name else f"no {role}" for role, name in form.roles.items())
    packed = f"; `{form.packed.column}` is unpacked" if form.packed else ""
    missing = "".join(f"; {text} in `{name}` is none" for name, text in form.missing.items())
    columns = "`name:type`" if form.typed else ", ".join(f"`{name}`" for name in form.names)
    return f"| {file}, {kind} | {columns}{packed}{missing} | {form.time} | {roles or 'by their names'} |"


@pytest.mark.parametrize("name", PRESETS)
def test_the_page_says_what_the_table_holds(name):
    """docs/presets.md has each preset's files, columns, roles, target and caveats, word for word."""
    assert written(PRESETS[name]) in PAGE.read_text(encoding="utf-8")


def test_the_page_lists_no_other_preset():
    """A preset that is gone is gone from the page."""
    heads = [line[4:-1] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("## `")]
    assert heads == list(PRESETS)


def ratings(folder: Path) -> Path:
    """A small ratings.dat."""
    path = folder / "ratings.dat"
    rows = (
        f"{user}::{(user + at) % 7}::{at}::{978_300_760 + 60 * at}\n" for user in range(9) for at in range(5)
    )
    path.write_text("".join(rows))
    return path


def test_inspect_shows_how_a_preset_reads(tmp_path):
    """Roles, caveats and counts are on the screen; without the preset the error names it."""
    done = CliRunner().invoke(main, ["inspect", str(ratings(tmp_path)), "--preset", "movielens"])
    assert done.exit_code == 0, done.output
    assert "Preset movielens" in done.stdout
    assert "ratings are entered in sittings" in done.stdout
    assert "UserID" in done.stdout
    assert "user      = UserID  (the preset says so)" in done.stderr
    without = CliRunner().invoke(main, ["inspect", str(ratings(tmp_path))])
    assert without.exit_code == 3
    assert "--preset movielens" in without.stderr


@pytest.mark.parametrize("command", ["analyze", "trial", "inspect"])
def test_a_preset_that_is_none_is_wrong_usage(command, tmp_path):
    """All presets are listed, the nearest is named."""
    done = CliRunner().invoke(main, [command, str(ratings(tmp_path)), "--preset", "movielense"])
    assert done.exit_code == 2
    assert "recbole" in done.stderr
    assert "Try:   --preset movielens\n" in done.stderr


def test_the_python_api_takes_a_preset(tmp_path):
    """analyze() and run_trial() read as the command does; the result names preset and caveats."""
    no_trial = Settings(trial=TrialSettings(run=False))
    result = diagnose.analyze(ratings(tmp_path), preset="movielens", settings=no_trial).result
    assert (result.log.preset, result.log.events) == ("movielens", 45)
    assert result.log.caveats == PRESETS["movielens"].caveats
    tried = diagnose.run_trial(ratings(tmp_path), preset="movielens", settings=no_trial)
    assert tried.mapping["user"] == "UserID"
    with pytest.raises(UsageError, match="no preset"):
        diagnose.analyze(ratings(tmp_path), preset="nothing")


def test_a_preset_says_what_is_predicted_unless_the_user_does():
    """Views of a shop's log, whatever was named before; an empty name is all events."""
    assert schema.aimed(Settings(), "taobao-userbehavior").target_event == "pv"
    assert schema.aimed(Settings(target_event="buy"), "taobao-userbehavior").target_event == "buy"
    assert schema.aimed(Settings(target_event=""), "taobao-userbehavior").target_event is None
    assert schema.aimed(Settings(), "movielens").target_event is None
    assert schema.aimed(Settings(), None) == Settings()
