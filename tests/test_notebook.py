"""The example notebook: committed without outputs, and it runs from top to bottom."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "examples" / "first_look.ipynb"


def test_it_is_committed_without_outputs():
    """Outputs tell of a machine and make every run a change: none are kept, nor any number of a run."""
    kept = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    code = [cell for cell in kept["cells"] if cell["cell_type"] == "code"]
    assert code
    assert not [cell for cell in code if cell["outputs"] or cell["execution_count"] is not None]
    assert set(kept["metadata"]) == {"kernelspec", "language_info"}


def test_it_runs_and_shows_a_verdict_and_the_report():
    """Every cell runs; the planted half-life is in the table, and the report in its frame."""
    nbformat = pytest.importorskip("nbformat", reason="the extra docs is not installed")
    nbclient = pytest.importorskip("nbclient", reason="the extra docs is not installed")
    pytest.importorskip("ipykernel", reason="the extra docs is not installed")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}
    ).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    told = "".join(output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in shown)
    assert "From the probes alone, recency looks enough" in told
    assert "leaning: recency_is_enough" in told
    assert "half_life_days" in told
    assert "'user': 'uid'" in told
    assert any("<iframe" in output.get("data", {}).get("text/html", "") for output in shown)
    assert not [output for output in shown if output.get("name") == "stderr"]
