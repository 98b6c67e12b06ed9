"""Numbers in words, one way everywhere: screen, verdict and report."""

from __future__ import annotations

import math
import unicodedata

from diagnose.results import Estimate

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"


def number(value: float, digits: int = 3) -> str:
    """`digits` significant digits, a real minus sign, thousands separated: 0.0123, 12.3, 12,345."""
    if not math.isfinite(value):
        return "unbounded"
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def fixed(value: float, decimals: int) -> str:
    """A number with so many decimals and a real minus sign; what rounds to zero has none."""
    text = f"{value:,.{decimals}f}"
    return text.replace("-", MINUS if text.strip("-0.") else "")


def signed(value: float, decimals: int = 4) -> str:
    """A difference: always with its sign, a plus where it rounds to zero."""
    text = fixed(value, decimals)
    return text if text.startswith(MINUS) else f"+{text}"


def percent(share: float, decimals: int = 1) -> str:
    """A share of 1 as per cent: 9.1 %."""
    return f"{fixed(100 * share, decimals)}{NO_BREAK}%"


def count(value: float) -> str:
    """A whole number with thousands separated."""
    return f"{round(value):,}".replace("-", MINUS)


def interval(estimate: Estimate, decimals: int | None = None) -> str:
    """'2.5 to 3.4 days': never a dash, which would clash with the minus sign."""
    low, high = (
        (number(estimate.low), number(estimate.high))
        if decimals is None
        else (fixed(estimate.low, decimals), fixed(estimate.high, decimals))
    )
    return f"{low} to {high}{NO_BREAK}{estimate.unit}".rstrip(NO_BREAK)


def duration(seconds: float) -> str:
    """'45 s', '3 min 20 s', '2 h 5 min'."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def size(octets: float) -> str:
    """'320 MB', '1.2 GB'."""
    if octets < 1e9:
        return f"{max(1, round(octets / 1e6)):,} MB"
    return f"{octets / 1e9:,.1f} GB"


def printable(text: str, longest: int = 400) -> str:
    """A string of the log made safe for a terminal: no control or direction characters, not endless."""
    shown = text if len(text) <= longest else text[:longest] + "…"
    return "".join(
        letter
        if letter == "\n" or unicodedata.category(letter) not in _UNSAFE
        else "\N{REPLACEMENT CHARACTER}"
        for letter in shown
    )


_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # escapes, bidi overrides, lone surrogates
