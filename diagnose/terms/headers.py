"""What the modules of probes say of themselves: the question and the header, read without importing them.

A probe's module imports numpy, scipy and more; its source is text. So `explain` answers at once.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pkgutil import iter_modules

HOMES = {"second_log": "capture.second_logs"}  # a probe whose module is not called as it is
DRIFT = (
    "order_information",
    "item_order_information",
    "interest_persistence",
    "exchangeability",
    "evolution_paths",
    "turnover",
    "catalogue_trend",
)
_MODULES = re.compile(r" \(((?:[a-z]+/)?[a-z_]+(?:\.py)?(?:, (?:[a-z]+/)?[a-z_]+(?:\.py)?)*)\)")
_NAME = re.compile(r"(?:[a-z]+/)?([a-z_]+)(?:\.py)?")
_LABELLED = re.compile(r"([A-Z][a-z]+) {2,}(\S.*)")


@dataclass(frozen=True)
class Header:
    """A probe's own words: its question, and the parts of its docstring by their label."""

    question: str
    parts: Mapping[str, str]  # "Statistic", "Null", "Interval", "Reference", ...


def module(probe: str) -> str:
    """The module a probe lives in, below `diagnose`."""
    return HOMES.get(probe, f"{'drift' if probe in DRIFT else 'capture'}.{probe}")


@cache
def header(probe: str) -> Header:
    """What the module of a probe says of itself."""
    tree = ast.parse(source(f"diagnose.{module(probe)}"))
    constants = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    return Header(question=str(constants["QUESTION"]), parts=_parts(ast.get_docstring(tree) or ""))


@cache
def source(name: str) -> str:
    """The text of a module that is not imported (the packages above it are)."""
    spec = find_spec(name)
    read = getattr(spec.loader, "get_source", None) if spec else None
    return (read(name) or "") if read else ""


def _parts(docstring: str) -> dict[str, str]:
    """The labelled blocks of a header: a label in the first column, its text hanging beside it."""
    parts: dict[str, list[str]] = {}
    label = ""
    for line in docstring.splitlines():
        if found := _LABELLED.fullmatch(line):
            label = found.group(1)
            parts[label] = [found.group(2)]
        elif line.startswith(" ") and label:
            parts[label].append(line.strip())
        else:
            label = ""
    return {label: _plain(" ".join(lines)) for label, lines in parts.items()}


def _plain(text: str) -> str:
    """Without marks of emphasis, and without the names of modules in brackets: those are for maintainers."""
    told = _MODULES.sub(
        lambda found: "" if set(_NAME.findall(found.group(1))) <= _stems() else found[0], text
    )
    return re.sub(r"[*`](\w[^*`]*)[*`]", r"\1", told)


@cache
def _stems() -> frozenset[str]:
    """The names of all modules of the rooms that measure."""
    homes = (find_spec(f"diagnose.{room}") for room in ("drift", "capture", "predictors", "stats"))
    folders = [folder for home in homes if home for folder in home.submodule_search_locations or ()]
    return frozenset(module.name for module in iter_modules(folders))
