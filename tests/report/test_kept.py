"""Kept results are drawn again to the last byte, and faulty files are named together."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import pytest
from example import OUTCOMES, hostile, inconclusive, recency_is_enough

from diagnose import report
from diagnose.errors import UsageError
from diagnose.report import kept
from diagnose.results import Measured

EVERY = {**OUTCOMES, "hostile": hostile}


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_a_page_is_drawn_again_to_the_last_byte(make, tmp_path):
    """From the .json alone come the page and the Markdown that were written with it."""
    page, document, text = report.write(make(), tmp_path / "first", "shop", markdown=True)
    drawn = report.redraw([document], folder=tmp_path / "again", markdown=True)
    assert [path.name for path in drawn] == ["shop.html", "shop.md"]
    assert [path.read_bytes() for path in drawn] == [page.read_bytes(), text.read_bytes()]


def test_the_shipped_example_is_drawn_again_to_the_last_byte(tmp_path):
    """reports/example.html is what its .json gives."""
    shipped = Path(__file__).parents[2] / "reports"
    (page,) = report.redraw([shipped / "example.json"], folder=tmp_path)
    assert page.read_bytes() == (shipped / "example.html").read_bytes()


def test_pages_go_beside_their_files(tmp_path):
    """Without a folder each page lies where its .json lies, which stays as it was."""
    for name in ("a", "b"):
        report.write(recency_is_enough(), tmp_path / name, name)
        (tmp_path / name / f"{name}.html").unlink()
    before = (tmp_path / "a" / "a.json").read_bytes()
    drawn = report.redraw([tmp_path / "a" / "a.json", tmp_path / "b" / "b.json"])
    assert drawn == [tmp_path / "a" / "a.html", tmp_path / "b" / "b.html"]
    assert set(_files(tmp_path / "a")) == {"a.html", "a.json"}
    assert (tmp_path / "a" / "a.json").read_bytes() == before


def test_an_older_result_is_read(tmp_path):
    """Keys that came later may be missing: the page is drawn without them."""
    document = json.loads(report.render_json(recency_is_enough()))
    for arm in document["trial"]["arms"]:
        del arm["calibration_slope"], arm["calibration_error"]
    for name in ("candidates", "strata", "device"):
        del document["trial"][name]
    del document["log"]["declared_fraction"]
    path = tmp_path / "old.json"
    path.write_text(json.dumps(document))
    (page,) = report.redraw([path])
    assert "Recency is enough" in page.read_text(encoding="utf-8")


def _odd_series() -> str:
    """A result that reads but cannot be drawn: a curve with more places than heights."""
    base = recency_is_enough()
    probes = tuple(
        dataclasses.replace(
            probed, series=tuple(dataclasses.replace(series, y=series.y[:2]) for series in probed.series)
        )
        if isinstance(probed, Measured)
        else probed
        for probed in base.probes
    )
    return report.render_json(dataclasses.replace(base, probes=probes))


def _trial() -> str:
    document = json.loads(report.render_json(recency_is_enough()))
    del document["verdict"], document["probes"], document["capture"]
    return json.dumps(document)


FAULTS = {
    "empty": (lambda: "", "This is not JSON"),
    "text": (lambda: "verdict: fine", "This is not JSON"),
    "cut": (lambda: report.render_json(recency_is_enough())[:-500], "This is not JSON"),
    "list": (lambda: "[]", "not a result of diagnose"),
    "deep": (lambda: "[" * 100_000, "This is not JSON"),
    "later": (lambda: '{"schema_version": 99}', "schema_version 99"),
    "bare": (lambda: '{"schema_version": 1}', "no whole result"),
    "trial": (_trial, "This is a trial alone"),
    "odd": (_odd_series, "This result cannot be drawn"),
}


def test_all_faulty_files_are_named_at_once_and_nothing_is_written(tmp_path):
    """One error for all of them, each with what is wrong; the good ones are not drawn either."""
    for name, (make, _) in FAULTS.items():
        (tmp_path / f"{name}.json").write_text(make())
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "folder.json").mkdir()
    report.write_json(recency_is_enough(), tmp_path, "good")
    before = sorted(tmp_path.iterdir())
    missing = [tmp_path / "missing.json", tmp_path / ("x" * 300 + ".json"), tmp_path / "nul\x00.json"]
    with pytest.raises(UsageError) as raised:
        report.redraw([*before, *missing])
    text = str(raised.value)
    for name, (_, said) in FAULTS.items():
        (line,) = (line for line in text.splitlines() if f"{os.sep}{name}.json: " in line)
        assert said in line
    for name in ("bytes.json", "folder.json", "missing.json", "nul\x00.json"):
        assert f"{os.sep}{name}: " in text
    assert f"{os.sep}good.json" not in text
    assert text.startswith("14 files cannot be used.")
    assert "Try:" in text
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_larger_than_any_result_is_not_read(tmp_path, monkeypatch):
    """A result is some hundred kilobytes: a flood is refused by its size."""
    monkeypatch.setattr(kept, "LARGEST", 100)
    _, document = report.write(recency_is_enough(), tmp_path, "shop")
    with pytest.raises(UsageError, match="larger than any result"):
        report.redraw([document])


@pytest.mark.parametrize("ending", ["html", "md"])
def test_no_result_is_written_over(ending, tmp_path):
    """A result that is named like a page is refused, and stays."""
    path = tmp_path / f"shop.{ending}"
    path.write_text(report.render_json(recency_is_enough()))
    before = path.read_bytes()
    with pytest.raises(UsageError, match="written over"):
        report.redraw([path], markdown=True)
    assert _files(tmp_path) == {path.name: before}


def test_a_page_never_takes_the_place_of_another_result(tmp_path):
    """Neither of the same call, nor through a link."""
    text = report.render_json(recency_is_enough())
    (tmp_path / "a.json").write_text(text)
    (tmp_path / "a.html").write_text(text)
    with pytest.raises(UsageError, match="written over"):
        report.redraw([tmp_path / "a.json", tmp_path / "a.html"])
    (tmp_path / "a.html").unlink()
    (tmp_path / "a.html").symlink_to("a.json")
    report_error = pytest.raises(UsageError, match="written over")
    with report_error:
        report.redraw([tmp_path / "a.json"])
    assert (tmp_path / "a.json").read_text() == text


def test_two_results_of_one_name_do_not_share_a_page(tmp_path):
    """Into one folder both would be shop.html: the error names both, and nothing is written."""
    for name in ("a", "b"):
        report.write_json(recency_is_enough(), tmp_path / name, "shop")
    with pytest.raises(UsageError, match=r"b.shop\.json.*a.shop\.json"):
        report.redraw([tmp_path / "a" / "shop.json", tmp_path / "b" / "shop.json"], folder=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    """No place for pages is wrong usage, told with what to try."""
    _, document = report.write(inconclusive(), tmp_path, "shop")
    taken = tmp_path / "taken"
    taken.write_text("mine")
    with pytest.raises(UsageError, match="--out FOLDER"):
        report.redraw([document], folder=taken)
    assert taken.read_text() == "mine"


def test_results_are_read_in_their_order(tmp_path):
    """One result a file, in the order given, the same file twice included."""
    paths = [report.write_json(make(), tmp_path, make.__name__) for make in (recency_is_enough, inconclusive)]
    found = report.read_results([paths[1], paths[0], paths[1]])
    assert [result.verdict.outcome for result in found] == [
        "inconclusive",
        "recency_is_enough",
        "inconclusive",
    ]
