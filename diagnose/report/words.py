"""Plain words for every stable identifier, in one table.

An identifier that is not listed is shown as it is spelt, with spaces: nothing is left out for want of a word.
"""

from __future__ import annotations

from diagnose.report.probe_words import ESTIMATES as ESTIMATES
from diagnose.report.probe_words import PROBES as PROBES
from diagnose.report.probe_words import estimate as estimate

OUTCOMES = {
    "use_sequence_model": "build the sequence model",
    "recency_is_enough": "recency is enough",
    "keep_order_blind_model": "keep the order-blind model",
    "fix_capture_first": "capture comes first",
    "suspect_artefact": "the order looks like an artefact",
    "inconclusive": "not settled",
    "not_measurable": "order is not in the log",
}

ARMS = {
    "floor": ("Order-blind score", "no network: the floor every arm adds to"),
    "dnn": ("DNN", "plain mean of the history"),
    "dnn_decayed": ("DNN, fading average", "recent events weigh more"),
    "din": ("DIN", "attention, no order"),
    "dien_no_auxiliary": ("DIEN, no auxiliary loss", "attention and order"),
    "dien": ("DIEN", "attention and order"),
    "dien_shuffled": ("DIEN, shuffled", "order destroyed"),
    "dien_ties": ("DIEN, ties redrawn", "order redrawn where times tie"),
}

CONTRASTS = {
    "lift": ("Lift", "DIEN against plain DNN"),
    "order_gain": ("Order gain", "DIEN against the better of DIN and DIEN shuffled"),
    "recency_gain": ("Recency gain", "fading average against plain DNN"),
    "beyond_recency": ("DIEN beyond recency", "DIEN against the fading average"),
    "attention_gain": ("Attention gain", "DIN against plain DNN"),
    "auxiliary_gain": ("Auxiliary gain", "DIEN against DIEN without its auxiliary loss"),
    "tie_effect": ("Tie effect", "DIEN against DIEN with ties redrawn"),
    "order_aware_gain": ("Order-aware gain", "best order-aware arm against best order-blind arm"),
    "order_aware_gain_redrawn": (
        "Order-aware gain, ties redrawn",
        "the same with the order redrawn where times tie",
    ),
}

STRATA = {
    "repeat": "items the user had before",
    "new": "items new to the user",
    "rivals_popular": "new items, against popular rivals",
    "rivals_category": "new items, against rivals of their category",
    "cold_user": "users with few earlier events",
    "warm_user": "users with more earlier events",
    "cold_item": "items unseen when statistics were taken",
    "known_item": "items seen when statistics were taken",
}

PARTS = {
    "total": "In all",
    "recency": "Recency",
    "direction": "Direction",
    "across_sessions": "Across sessions",
    "within_session": "Within a session",
}

SHORT_PARTS = {  # side by side under a bar of 288 px
    "recency": "Recency",
    "direction": "Direction",
    "within_session": "In a session",
    "across_sessions": "Across sessions",
}

PART_NOTES = {
    "total": "what order saves beyond shuffled histories",
    "recency": "which categories are fresh",
    "direction": "which category leads to which",
    "across_sessions": "order of whole sessions",
    "within_session": "order inside a session",
}

FAULTS = {
    "nulls": "Missing values",
    "duplicates": "Duplicates",
    "near_duplicates": "Near duplicates",
    "null_category": "Events without a category",
    "unclicked_impressions": "Impressions without a click",
    "clock_errors": "Clock errors",
    "mixed_units": "Times in another unit",
    "naive_times": "Times without a zone",
    "time_quantum": "Clock step",
    "ties": "Ties",
    "runaway_users": "Runaway users",
    "robots": "Users who act like programs",
    "batch_imports": "Batch imports",
    "import_stamps": "Stamps of an import job",
    "late_arrival": "Rows that arrive late",
    "truncation": "Histories cut by the log’s ends",
    "outages": "Outages",
}

QUANTITIES = {  # what a verdict may flip on
    "capture": "Capture",
    "interest_persistence.drift_share": "Share of an interest that moves",
    "order_information.share": "Order information",
    "item_order_information.gain": "Item order gain",
    "minimum_lift": "Least lift worth having",
    "users_with_history": "Users with enough history",
}

STATEMENTS = {  # who says how much is captured
    "anchors": "A declared rate",
    "together": "The log by itself",
    "panel": "A panel’s totals",
    "second_log": "A second log of the same events",
    "serial_gaps": "Gaps in series",
    "orphans": "Events without the one that must precede them",
    "hand_offs": "Hand-offs to elsewhere",
    "gap_law": "The rhythm of visits",
}

GRADES = {
    "A": "an outside observer",
    "B": "the log’s own structure",
    "C": "not identified by the log",
    "declared": "declared, not measured",
}

STANCES = {"for": ("▲", "for"), "against": ("▼", "against"), "open": ("–", "open")}

PARTS_OF_LOG = {  # thirds of the users, and what is taken together
    "light users": "Light users",
    "middle users": "Middle users",
    "heavy users": "Heavy users",
    "other categories": "Other categories",
}

STAGES = {
    "reading": "Read and sort",
    "interests": "Name the interests",
    "capture": "Capture",
    "drift": "Drift and order",
    "losses": "Losses and faults",
    "trial": "Trial",
    "verdict": "Verdict",
}


def label(identifier: str) -> str:
    """Any identifier in plain words: a quantity, a contrast, an arm, an estimate."""
    for table in (QUANTITIES, CONTRASTS, ARMS, PROBES, FAULTS):
        if identifier in table:
            found = table[identifier]
            return found if isinstance(found, str) else found[0]
    return estimate(identifier)
