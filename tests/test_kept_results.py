"""The commands on kept results: render, compare, schema, and the Markdown of analyze."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from diagnose import report
from diagnose.cli import main

sys.path.insert(0, str(Path(__file__).parent / "report"))
from example import hostile, inconclusive, recency_is_enough, use_sequence_model


def run(*arguments: object):
    """Call the command in this process; an exception that escapes fails the test."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder with two results and a hostile one."""
    for name, make in (("a", recency_is_enough), ("b", use_sequence_model), ("evil", hostile)):
        report.write(make(), tmp_path, name)
    return tmp_path


def test_analyze_writes_markdown_where_it_is_asked_to(tmp_path):
    """--markdown adds <log>.md, which begins with the verdict, and says so; render draws the same three."""
    log = tmp_path / "shop.parquet"
    run("simulate", "ecommerce", "--users", 700, "--out", log)
    done = run("analyze", log, "--no-trial", "--markdown", "--quiet", "--out", tmp_path / "r")
    assert done.exit_code == 0, done.output
    written = {path.name: path.read_bytes() for path in (tmp_path / "r").iterdir()}
    assert set(written) == {"shop.html", "shop.json", "shop.md"}
    assert "shop.md" in done.stdout
    headline = json.loads(written["shop.json"])["verdict"]["headline"]
    assert written["shop.md"].decode().splitlines()[0] == f"## {headline}"
    again = run("render", tmp_path / "r" / "shop.json", "--markdown", "--out", tmp_path / "s")
    assert again.exit_code == 0, again.output
    for path in (tmp_path / "s").iterdir():
        assert path.read_bytes() == written[path.name]


def test_render_draws_several_and_tells_each(kept):
    """A line a page on stdout; the .json files stay as they were."""
    before = {path.name: path.read_bytes() for path in kept.iterdir()}
    done = run("render", kept / "a.json", kept / "b.json", kept / "evil.json")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [f"wrote {kept / name}.html" for name in ("a", "b", "evil")]
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == before


def test_a_faulty_file_is_wrong_usage(kept):
    """Exit code 2, every faulty file and what to try on stderr, nothing written."""
    (kept / "bad.json").write_text("{")
    done = run("render", kept / "a.json", kept / "bad.json", kept / "none.json", "--out", kept / "out")
    assert done.exit_code == 2
    assert "bad.json: This is not JSON" in done.stderr
    assert "none.json: No such file" in done.stderr
    assert "a.json:" not in done.stderr
    assert "Try:" in done.stderr
    assert not (kept / "out").exists()


def test_compare_tells_the_verdict_first(kept):
    """The headline, both sides, the numbers, what was not the same, what is assumed; exit code 0."""
    done = run("compare", kept / "a.json", kept / "b.json")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("The verdict changed from recency_is_enough to use_sequence_model; ")
    for word in ("+0.0070", "more than noise", "within noise", "the same events"):
        assert word in done.stdout.replace("\u00a0", " ")


def test_compare_prints_markdown_and_json(kept):
    """The same comparison in three dresses."""
    text = run("compare", kept / "a.json", kept / "b.json", "--markdown").stdout
    found = json.loads(run("compare", kept / "a.json", kept / "b.json", "--json").stdout)
    assert text.splitlines()[0].replace("\\", "") == f"## {found['headline']}"
    assert found["outcome_changed"] is True
    both = run("compare", kept / "a.json", kept / "b.json", "--markdown", "--json")
    assert both.exit_code == 2


@pytest.mark.parametrize("dress", [(), ("--markdown",), ("--json",)])
def test_a_hostile_result_commands_no_terminal(kept, dress):
    """No escape or direction character of a log reaches the screen, on either side."""
    for sides in (("a", "evil"), ("evil", "b")):
        done = run("compare", *(kept / f"{side}.json" for side in sides), *dress)
        assert done.exit_code == 0, done.output
        assert not set(done.stdout) & set("\x00\x07\x1b\u202e\u2066")
        assert "<script" not in done.stdout or dress != ("--markdown",)


def test_compare_names_both_faulty_files(kept):
    """One error for both sides."""
    (kept / "bad.json").write_text("{")
    done = run("compare", kept / "bad.json", kept / "none.json")
    assert done.exit_code == 2
    assert "2 files cannot be used" in done.stderr


def test_schema_prints_the_published_file():
    """What the command prints is docs/result.schema.json."""
    done = run("schema")
    assert done.exit_code == 0
    page = Path(__file__).parent.parent / "docs" / "result.schema.json"
    assert done.stdout == page.read_text(encoding="utf-8")


def test_fail_on_writes_the_markdown_too(tmp_path):
    """The verdict that stops a pipeline is there to be shown in its pull request."""
    log = tmp_path / "shop.parquet"
    run("simulate", "ecommerce", "--users", 700, "--out", log)
    verdicts = f"use_sequence_model,{inconclusive().verdict.outcome}"
    asked = ("--no-trial", "--quiet", "--markdown", "--out", tmp_path / "r")
    done = run("analyze", log, *asked, "--fail-on", verdicts)
    assert done.exit_code == 4
    assert (tmp_path / "r" / "shop.md").exists()
    other = run("analyze", log, *asked, "--fail-on", "use_sequence_model")
    assert other.exit_code == 0
