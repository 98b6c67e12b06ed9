"""Worlds with planted truth: whole logs by scenario, and histories for tests and benchmarks."""

from diagnose.simulate.files import truth_path, write
from diagnose.simulate.scene import SCENARIOS, Scene
from diagnose.simulate.sequences import Plan, histories
from diagnose.simulate.worlds import World, world

__all__ = ["SCENARIOS", "Plan", "Scene", "World", "histories", "truth_path", "world", "write"]
