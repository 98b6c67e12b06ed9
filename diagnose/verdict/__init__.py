"""The verdict: an ordered list of rules over results. Pure functions, no I/O (docs/methods/verdict.md)."""

from diagnose.verdict.weigh import decide

__all__ = ["decide"]
