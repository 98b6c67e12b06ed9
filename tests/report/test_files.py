"""Reports are written whole or not at all."""

from __future__ import annotations

import pathlib

import pytest
from example import inconclusive, recency_is_enough

from diagnose import report
from diagnose.report import files


def test_both_files_are_written(tmp_path):
    """HTML and JSON lie in the folder, made where it is missing, and nothing else does."""
    page, document = report.write(recency_is_enough(), tmp_path / "new" / "folder", "shop")
    assert page.read_text(encoding="utf-8") == report.render_html(recency_is_enough())
    assert document.read_text(encoding="utf-8") == report.render_json(recency_is_enough())
    assert sorted(path.name for path in page.parent.iterdir()) == ["shop.html", "shop.json"]


def test_the_same_result_gives_the_same_bytes(tmp_path):
    """Two writes of one result differ in nothing."""
    first = [path.read_bytes() for path in report.write(recency_is_enough(), tmp_path, "a")]
    second = [path.read_bytes() for path in report.write(recency_is_enough(), tmp_path, "a")]
    assert first == second


@pytest.mark.parametrize("step", ["fsync", "mkstemp"])
@pytest.mark.parametrize("when", [1, 2])
def test_a_failure_leaves_nothing(tmp_path, monkeypatch, step, when):
    """A full disk at the first or second file leaves no file, half or whole."""
    owner = files.os if step == "fsync" else files.tempfile
    works, calls = getattr(owner, step), iter(range(1, 9))

    def fails(*arguments, **named):
        if next(calls) == when:
            raise OSError(28, "No space left on device")
        return works(*arguments, **named)

    monkeypatch.setattr(owner, step, fails)
    with pytest.raises(OSError, match="No space"):
        report.write(recency_is_enough(), tmp_path, "shop")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_older_pair(tmp_path, monkeypatch):
    """Where writing fails, the reports of the run before are still whole."""
    before = [path.read_bytes() for path in report.write(recency_is_enough(), tmp_path, "shop")]

    def fails(self, target):
        raise PermissionError(13, "denied")

    monkeypatch.setattr(pathlib.Path, "replace", fails)
    with pytest.raises(PermissionError):
        report.write(inconclusive(), tmp_path, "shop")
    assert [(tmp_path / f"shop.{ending}").read_bytes() for ending in ("html", "json")] == before
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    """Writing into a file's place raises and leaves the file as it was."""
    taken = tmp_path / "reports"
    taken.write_text("mine")
    with pytest.raises(OSError, match=r"reports"):
        report.write(recency_is_enough(), taken, "shop")
    assert taken.read_text() == "mine"


def test_a_report_can_be_read_by_others(tmp_path):
    """The written files carry the usual permissions, not a temporary file's private ones."""
    page, _ = report.write(recency_is_enough(), tmp_path, "shop")
    usual = tmp_path / "usual"
    usual.touch()
    assert page.stat().st_mode == usual.stat().st_mode
