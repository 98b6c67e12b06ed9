"""Which column plays which role, and what the rows of a log count up to."""

from diagnose.schema.aliases import ALIASES, ROLES
from diagnose.schema.counts import ArrivalCounts, HygieneCounts
from diagnose.schema.event_names import funnel_codes, hand_off_codes
from diagnose.schema.guess import guess
from diagnose.schema.mapping import Alike, Mapping
from diagnose.schema.targets import target_codes

__all__ = [
    "ALIASES",
    "ROLES",
    "Alike",
    "ArrivalCounts",
    "HygieneCounts",
    "Mapping",
    "funnel_codes",
    "guess",
    "hand_off_codes",
    "target_codes",
]
