"""Labels: whether a row was clicked, or only shown. A row without a label is an event like any other."""

from __future__ import annotations

from diagnose.engine.columns import Column
from diagnose.engine.dialect import Relation
from diagnose.errors import LogError
from diagnose.formatting import printable

CLICKED, UNCLICKED = ("true", "t", "yes", "y"), ("false", "f", "no", "n")
MOST_TOLD = 5  # values that are no label


def unclicked(of: Column | None) -> str:
    """SQL: whether a row is an impression that was not clicked."""
    if of is None or of.nested:
        return "FALSE"
    if of.type == "BOOLEAN":
        return f"coalesce(NOT {of.sql}, FALSE)"
    words = f"lower(CAST({of.sql} AS STRING)) IN {_listed(UNCLICKED)}"
    return f"coalesce({words} OR TRY_CAST({of.sql} AS DOUBLE) = 0, FALSE)"


def refuse_other_labels(relation: Relation, of: Column | None) -> None:
    """LogError that lists what a label holds besides clicked and not clicked."""
    if of is None or of.type == "BOOLEAN":
        return
    if of.nested:
        raise _no_label(of, f"type {of.type.lower()}")
    text = f"CAST({of.sql} AS STRING)"
    number = f"coalesce(TRY_CAST({of.sql} AS DOUBLE) IN (0, 1), FALSE)"
    known = f"lower({text}) IN {_listed(('', *CLICKED, *UNCLICKED))} OR {number}"
    odd = f"{of.sql} IS NOT NULL AND NOT ({known})"
    many, following = relation.ask(f"count(*) FILTER (WHERE {odd})", f"min({text}) FILTER (WHERE {odd})")
    found: list[str] = []
    while following is not None and len(found) < MOST_TOLD:
        found.append(str(following))
        beyond = f"{odd} AND {text} > {relation.dialect.text(found[-1])}"
        (following,) = relation.ask(f"min({text}) FILTER (WHERE {beyond})")
    if found:
        told = ", ".join(printable(name, 40) for name in found) + (" and more" if following else "")
        raise _no_label(of, f"{many:,} rows with {told}")


def _listed(words: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{word}'" for word in words) + ")"


def _no_label(of: Column, seen: str) -> LogError:
    return LogError(
        f'The column "{printable(of.name, 80)}" cannot be the role "label": a label is 1 or 0, true or false '
        "(clicked or not).",
        seen=seen,
        attempt="--column label=NAME with another column, or --column label= for none",
    )
