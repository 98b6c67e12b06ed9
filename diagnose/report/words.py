"""Plain words for every stable identifier, in one table.

An identifier that is not listed is shown as it is spelt, with spaces: nothing is left out for want of a word.
"""

from __future__ import annotations

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

PROBES = {
    "order_information": "Does the order of a user’s past say what category comes next?",
    "item_order_information": "Does it say what item comes next?",
    "interest_persistence": "How long does an interest last?",
    "exchangeability": "Could the order be chance?",
    "evolution_paths": "Which interests lead to which?",
    "turnover": "How fast do users take up new interests?",
    "catalogue_trend": "How fast does the catalogue itself move?",
    "log_hygiene": "Is the log clean?",
    "identity": "Is behaviour joined to a user?",
    "history_depth": "How much of a history does a prediction see?",
    "serial_gaps": "Which episodes of a series are missing?",
    "orphans": "Which events lack the event that must precede them?",
    "hand_offs": "How often do users leave for another app and return?",
    "gap_law": "What does the rhythm of events allow?",
    "thinning": "What would losing more do?",
    "anchors": "What was declared from outside?",
}

ESTIMATES = {
    "total": "order information",
    "recency": "of it, recency",
    "direction": "of it, direction",
    "across_sessions": "across sessions",
    "within_session": "within a session",
    "share": "share of the order-blind loss",
    "gain": "gain from order",
    "blind": "order-blind model",
    "full": "with order",
    "half_life_days": "half-life",
    "half_life_events": "half-life in events",
    "drift_share": "share of an interest that moves",
    "blind_loss": "loss of the order-blind model",
    "recency_half_life": "half-life of the recency terms",
    "gain_repeats": "gain on repeats",
    "gain_new": "gain on items new to the user",
    "drift_share_events": "share that moves, by events",
    "z": "departure from chance, z",
    "excess": "excess of repeated categories",
    "z_sessions": "departure from chance by session, z",
    "excess_sessions": "excess of repeated categories, by session",
    "z_given_trend": "departure beyond the trend, z",
    "excess_given_trend": "excess beyond the trend",
    "z_sessions_given_trend": "departure beyond the trend by session, z",
    "excess_sessions_given_trend": "excess beyond the trend, by session",
    "moving_users": "users whose interests move, at least",
    "second_order": "what longer patterns add",
    "history_needed": "history that carries nine tenths",
    "gain_trees": "gain from order, boosted trees",
    "blind_trees": "order-blind model, boosted trees",
    "full_trees": "with order, boosted trees",
    "calendar_share": "fading that runs by the calendar",
    "paths": "directed paths found",
    "directed_share": "steps that have a direction",
    "asymmetry": "departure from symmetry, z",
    "turnover": "repertoire replaced",
    "similarity_within": "likeness within a window",
    "similarity_between": "likeness between windows",
    "late_novelty": "novelty beyond chance, later half",
    "per_week": "movement of the platform a week",
    "first_to_last": "movement from first to last quarter",
    "per_week_lasting_users": "the same, of lasting users alone",
    "step": "step of the comparison",
    "bowker": "Bowker’s symmetry statistic",
    "bowker_degrees": "its degrees of freedom",
    "pairs_tested": "pairs of categories tested",
    "tied_share": "steps tied in time, left out",
    "anonymous_share": "events without a user",
    "tie_rate": "events tied with another of their user",
    "share_enough": "predictions with at least 5 earlier events",
    "median_depth": "earlier events at the median prediction",
    "saturation_items": "history saturation, items",
    "saturation_categories": "history saturation, categories",
    "single_visit_share": "ids seen once",
    "users_with_history_share": "users with enough history",
    "lifetime_median_days": "life of an id, median",
    "birth_rate": "new ids a day",
    "death_rate": "ids last seen, a day",
    "births_per_death": "new ids for each last seen",
    "null_share": "missing values",
    "duplicate_share": "duplicates",
    "clock_error_share": "clock errors",
    "time_quantum_seconds": "clock step",
    "ordered_share": "users with 5 distinct times",
    "declared_rate": "declared rate",
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
    "clock_errors": "Clock errors",
    "time_quantum": "Clock step",
    "ties": "Ties",
    "bots": "Runaway users",
    "heavy_users": "Runaway users",
    "batch_imports": "Batch imports",
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
    "identity": "Behaviour without a user",
    "serial_gaps": "Gaps in series",
    "orphans": "Events without the one that must precede them",
    "hand_offs": "Hand-offs to other apps",
    "gap_law": "The rhythm of events",
}

GRADES = {
    "A": "an outside observer",
    "B": "the log’s own structure",
    "C": "not identified by the log",
    "declared": "declared, not measured",
}

STANCES = {"for": ("▲", "for"), "against": ("▼", "against"), "open": ("–", "open")}

STAGES = {
    "reading": "Read and sort",
    "interests": "Name the interests",
    "capture": "Capture",
    "drift": "Drift and order",
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


def estimate(identifier: str) -> str:
    """An estimate in plain words; spelt out where the table has none."""
    return ESTIMATES.get(identifier, identifier.replace("_", " "))
