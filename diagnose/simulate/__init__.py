"""Worlds with planted truth."""

from diagnose.simulate.sequences import Plan, histories

__all__ = ["Plan", "histories"]
