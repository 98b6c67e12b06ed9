"""The house stands as docs/decisions/0014-house.md draws it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "diagnose"
DOORS = {
    "click": {"cli"},
    "duckdb": {"engine"},
    "pyspark": {"engine"},
    "torch": {"trial"},
    "jinja2": {"report"},
    "mlflow": {"tracking.py"},
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("library", sorted(DOORS))
def test_each_library_has_one_door(library):
    """click, duckdb, torch, jinja2 and mlflow are imported in one room each, and there they are."""
    rooms = {path.relative_to(PACKAGE).parts[0] for path in MODULES if library in _imports(path)}
    assert rooms <= DOORS[library]
    assert rooms or library == "pyspark"


def test_imports_point_down_only():
    """The import contract of pyproject.toml is kept, lazy imports included."""
    ran = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    "command", [["--help"], ["analyze", "--help"], ["trial", "--help"], ["compare", "--help"], ["--version"]]
)
def test_help_loads_nothing_heavy(command):
    """Asking for help imports no numpy, pandas, torch or duckdb."""
    code = (
        "import sys\nfrom diagnose.cli import main\n"
        f"try: main({command!r})\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'torch', 'duckdb', 'pyarrow', 'sklearn', 'jinja2'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_only_the_trial_loads_torch():
    """A diagnosis without a trial never imports PyTorch."""
    code = "import sys, diagnose.pipeline; assert 'torch' not in sys.modules"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_stay_small(path):
    """A module is one noun: at most 250 lines (the contract: 320), and says what it is."""
    text = path.read_text()
    longest = 320 if path.name == "results.py" else 250
    assert len(text.splitlines()) <= longest
    assert ast.get_docstring(ast.parse(text))


def test_nothing_is_pinned_twice_to_different_versions():
    """What a benchmark pins for itself, and `constraints.txt` too, is pinned to the same version."""
    pin = re.compile(r"\b([A-Za-z][\w.-]*)==(\d[\w.]*)")

    def pins(path: Path) -> set[tuple[str, str]]:
        return {(name.lower().replace("_", "-"), version) for name, version in pin.findall(path.read_text())}

    shared = dict(pins(ROOT / "constraints.txt"))
    own = {
        found for path in [ROOT / "Makefile", *(ROOT / "benchmarks").rglob("*.py")] for found in pins(path)
    }
    assert len(shared) > 50
    assert own
    assert {(name, version) for name, version in own if shared.get(name, version) != version} == set()
