"""Which column plays which role, and what the rows of a log count up to."""

from diagnose.schema.aliases import ALIASES, ROLES
from diagnose.schema.counts import ArrivalCounts, HygieneCounts
from diagnose.schema.event_names import funnel_codes, hand_off_codes
from diagnose.schema.guess import Overrides, guess
from diagnose.schema.mapping import Alike, Mapping, listed
from diagnose.schema.presets import PRESETS, AsPublished, Form, Preset, aimed, told
from diagnose.schema.targets import target_codes

__all__ = [
    "ALIASES",
    "PRESETS",
    "ROLES",
    "Alike",
    "ArrivalCounts",
    "AsPublished",
    "Form",
    "HygieneCounts",
    "Mapping",
    "Overrides",
    "Preset",
    "aimed",
    "funnel_codes",
    "guess",
    "hand_off_codes",
    "listed",
    "target_codes",
    "told",
]
