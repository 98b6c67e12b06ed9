"""Every stable identifier can be asked about, in words that come from one place each."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import typing
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from click.testing import CliRunner

from diagnose.budgets import BUDGETS
from diagnose.cli import main
from diagnose.report import probe_words, words
from diagnose.results import Grade, Outcome
from diagnose.schema.aliases import ROLES
from diagnose.settings import Settings
from diagnose.terms import find, listed, names, nearest, terms, told
from diagnose.terms.dictionary import ESTIMATES, PROBES
from diagnose.terms.told import OUTCOMES

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("drift", "capture")
KNOWN = {name for of_probe in ESTIMATES.values() for name in of_probe}
NO_ESTIMATES = {  # keys of dicts in the rooms that are names of faults, series, clocks and kinds
    *words.FAULTS,
    *("activity", "category", "new_category_share", "new_category_share_by_chance"),
    *("calendar", "events", "items", "categories", "user_activity", "item_popularity", "event", "clock"),
}


def _probe_modules() -> Iterator[typing.Any]:
    """Every module of the two rooms that says which question it asks."""
    for room in ROOMS:
        home = import_module(f"diagnose.{room}")
        for found in iter_modules(home.__path__):
            module = import_module(f"diagnose.{room}.{found.name}")
            if hasattr(module, "QUESTION"):
                yield module


def _explained(name: str) -> str:
    """What is shown of a name; it fails where there is nothing."""
    shown = told(find(name), width=100)
    assert len(shown.split()) > 5, name
    return shown


def test_every_probe_is_explained():
    """A probe without a sentence, a short question and a page fails here."""
    found = {module.NAME for module in _probe_modules()}
    assert found == set(PROBES) == set(ESTIMATES)
    assert found <= set(words.PROBES)
    for name in found:
        assert "Statistic" in _explained(name)


def _keys(tree: ast.AST) -> Iterator[ast.expr]:
    """Keys of dicts that functions build, and of what they assign into one."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(function):
            if isinstance(node, ast.Dict):
                yield from (key for key in node.keys if key is not None)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
                yield node.targets[0].slice


def _explained_key(key: ast.expr) -> bool:
    """Whether a key of a probe's dict is an estimate that is explained, or the beginning of one."""
    if isinstance(key, ast.JoinedStr):
        parts = [re.escape(p.value) if isinstance(p, ast.Constant) else ".*" for p in key.values]
        return any(re.fullmatch("".join(parts), name) for name in KNOWN)
    if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
        return True
    return key.value in KNOWN | NO_ESTIMATES or any(name.startswith(f"{key.value}_N") for name in KNOWN)


@pytest.mark.parametrize("room", ROOMS)
def test_every_estimate_that_a_probe_can_give_is_explained(room):
    """A name that a probe's code gives to a number and that nobody explains fails here."""
    unexplained = {
        f"{path.stem}: {ast.unparse(key)}"
        for path in (ROOT / "diagnose" / room).glob("*.py")
        for key in _keys(ast.parse(path.read_text()))
        if not _explained_key(key)
    }
    assert not unexplained


def test_every_estimate_of_a_real_result_is_explained_with_its_unit():
    """The example report holds no number whose unit is another than the one told."""
    result = json.loads((ROOT / "reports" / "example.json").read_text())
    measured = [probe for probe in result["probes"] if probe["estimates"]]
    assert len(measured) > 10
    for probe in measured:
        for name, estimate in probe["estimates"].items():
            assert f"{estimate['unit']}" == ESTIMATES[probe["name"]][name][0], (probe["name"], name)


def test_every_estimate_of_the_contract_is_explained():
    """docs/report_schema.md names no estimate of a probe that explain does not know."""
    page = (ROOT / "docs" / "report_schema.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", page.split("## A probe")[1].split("## The trial")[0], re.M)
    assert len(rows) > 12
    for probe, cell in rows:
        for name in re.findall(r"`([a-z]\w+)`", cell.split("series")[0]):
            assert _explained(f"{probe}.{name}")


def test_estimates_have_a_short_label_and_their_probes_null():
    """Labels are the report's own, and a null stands in the header of the probe's module."""
    for term in terms():
        if term.group == "estimate":
            probe, name = term.name.split(".")
            assert probe in PROBES
            assert term.title != name.replace("_", " ") or name in {"outages", *probe_words.ESTIMATES}
            assert {"Unit", "Measured by"} <= {label for label, _ in term.facts}
    assert "shuffled" in dict(find("order_information.share")[0].facts)["Null"]


IDENTIFIERS = {
    "outcomes": typing.get_args(Outcome),
    "arms": {arm for budget in BUDGETS.values() for arm in budget.arms},
    "grades": [f"grade.{grade}" for grade in typing.get_args(Grade)],
    "roles": ROLES,
    "contrasts": words.CONTRASTS,
    "faults": words.FAULTS,
    "strata": words.STRATA,
    "statements": words.STATEMENTS,
    "quantities": words.QUANTITIES,
    "units": [f"unit.{unit}" for unit in ("events", "sessions", "time", "episodes")],
}


@pytest.mark.parametrize("kind", IDENTIFIERS)
def test_every_identifier_is_explained(kind):
    """Outcomes, arms, contrasts, faults, roles, grades and units have an entry each."""
    for name in IDENTIFIERS[kind]:
        if name not in ("together", "users_with_history"):
            assert _explained(name)


def test_contrasts_strata_and_faults_are_those_that_the_code_gives():
    """What the trial compares and tells apart and what hygiene may find, by their own source."""
    from diagnose.trial.contrasts import RULES

    assert set(words.CONTRASTS) == set(RULES)
    strata = (ROOT / "diagnose" / "trial" / "strata.py").read_text()
    given = set(re.findall(r"yield \"(\w+)\"|\"(rivals_\w+)\"", strata))
    assert {name for pair in given for name in pair if name} == set(words.STRATA)
    faults = (ROOT / "diagnose" / "capture" / "faults.py").read_text()
    given = set(re.findall(r"yield \"(\w+)\"|name=\"(\w+)\"", faults))
    assert {name for pair in given for name in pair if name} <= set(words.FAULTS)


def test_the_capture_units_are_those_of_the_statements():
    """No statement about capture is counted in a unit that nobody explains."""
    text = "".join(path.read_text() for path in (ROOT / "diagnose" / "capture").glob("*.py"))
    statements = re.findall(r"Statement\([^)]*?unit=\"(\w+)\"", text, re.S)
    assert len(statements) > 3
    for unit in statements:
        assert _explained(f"unit.{unit}")


def test_every_setting_is_explained_with_its_reason():
    """The reason is the one on the setting's own line."""
    assert "a convention, above what trend leaves" in _explained("order.floor_share")
    assert "page 0001" in _explained("order.floor_share")
    shown = {term.short for term in terms() if term.group == "setting"}
    assert {"floor_share", "learning_rate", "low_capture", "session_gap_minutes"} <= shown
    rooms = {term.name.split(".")[0] for term in terms() if term.group == "setting" and "." in term.name}
    assert {field for field in vars(Settings()) if hasattr(getattr(Settings(), field), "__dict__")} <= rooms


def test_outcomes_are_told_as_the_readme_tells_them():
    """One text in two places that cannot part: the README's table and explain."""
    readme = (ROOT / "README.md").read_text()
    for outcome, (meaning, action) in OUTCOMES.items():
        assert f"| `{outcome}` | {meaning} | {action} |" in readme


def test_pages_named_are_there():
    """Whoever reads on finds the page."""
    for term in terms():
        assert not term.page or (ROOT / term.page).exists(), term.page


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("share_of_time_30_minutes", "hand_offs.share_of_time_N_minutes"),
        ("orphan_share_1_before_3", "orphans.orphan_share_N_before_N"),
        ("Half Life", "half-life"),
        ("GAUC", "gauc"),
        ("serial_gaps.share", "serial_gaps.share"),
    ],
)
def test_a_term_is_found_as_people_type_it(typed, found):
    """Case, spaces and hyphens do not matter, nor which number stands in a name."""
    assert found in [term.name for term in find(typed)]


def test_a_name_of_two_numbers_shows_both():
    """A share of order and a share of episodes are both shown where only `share` is asked for."""
    found = {term.name for term in find("share")}
    assert {"order_information.share", "serial_gaps.share"} <= found


def test_an_unknown_term_ends_with_2_and_what_is_near():
    """A slip is answered with the nearest names; what is near nothing, with the list."""
    done = CliRunner().invoke(main, ["explain", "order_infromation.shrae"])
    assert done.exit_code == 2
    assert "order_information.share" in done.stderr
    lost = CliRunner().invoke(main, ["explain", "\x1b[31mqqqqqqqq"])
    assert lost.exit_code == 2
    assert "\x1b" not in lost.stderr
    assert nearest("qqqqqqqq") == []


def test_without_a_term_all_are_listed():
    """Every name that can be typed stands in the list, and the list holds the width."""
    done = CliRunner().invoke(main, ["explain"])
    assert done.exit_code == 0
    for name in names():
        assert name in done.stdout
    assert max(map(len, listed(terms(), width=60).splitlines())) <= 80


def test_entries_hold_the_width():
    """No line of any entry is longer than the terminal, unless it is one word."""
    for line in told(terms(), width=60).splitlines():
        assert len(line) <= 60 or len(line.split()) <= 3, line


def test_explaining_loads_nothing_heavy():
    """The words of a probe are read without the libraries that measure."""
    code = (
        "import sys\nfrom diagnose.terms import terms\nterms()\n"
        "heavy = {'pandas', 'torch', 'duckdb', 'pyarrow', 'scipy', 'sklearn'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
