"""A term: a stable identifier or a word of the field, and what can be said of it in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Term:
    """One entry of `diagnose explain`."""

    name: str  # as it is typed: "order_information.share"
    group: str  # "estimate"
    title: str  # in a few words
    told: str  # what it is and how it is measured, in sentences
    facts: Sequence[tuple[str, str]] = ()  # (label, text): unit, null, reference ...
    page: str = ""  # where to read more, relative to the project's root

    @property
    def short(self) -> str:
        """The name without the probe or room that it belongs to."""
        return self.name.rpartition(".")[2]


def facts(**told: str) -> tuple[tuple[str, str], ...]:
    """The facts that are there, in the order given; an underscore in a label is a space."""
    return tuple((label.replace("_", " "), text) for label, text in told.items() if text)
