"""Worlds with planted truth: whole logs by scenario, and histories for tests and benchmarks."""

from diagnose.simulate.files import truth_path, write
from diagnose.simulate.oracle import order_value
from diagnose.simulate.scene import SCENARIOS, Scene
from diagnose.simulate.sequences import Plan, Planted, histories, planted
from diagnose.simulate.worlds import World, world

__all__ = [
    "SCENARIOS",
    "Plan",
    "Planted",
    "Scene",
    "World",
    "histories",
    "order_value",
    "planted",
    "truth_path",
    "world",
    "write",
]
