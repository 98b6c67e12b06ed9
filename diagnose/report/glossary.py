"""What the words of the report mean, and what no report of this kind can know."""

from __future__ import annotations

DRIFT_GLOSSARY = (
    (
        "Order-blind",
        "A model that knows what a user did and how popular it was at the time, but not in which order.",
    ),
    ("Bit an event", "One bit halves the number of likely next categories."),
    (
        "Recency, direction",
        "Recency: which categories came lately. Direction: which category tends to follow which.",
    ),
    (
        "Half-life",
        "The time after which half of what can fade in the agreement of past and present interests is gone.",
    ),
    (
        "Lift",
        "How much more often one interest follows another than if a user’s events came in any order.",
    ),
    ("Session", "A sitting: the log’s own sessions, or events with no pause of 30 minutes between them."),
)

CAPTURE_GLOSSARY = (
    ("Capture", "The share of a user’s relevant behaviour that is in the log and joined to that user."),
    (
        "Grade",
        "A: an outside observer. B: an argument from the log’s own structure. C: nothing identifies it.",
    ),
    ("History saturation", "How complete a user’s list of interests looks from inside the log. Not capture."),
)

TRIAL_GLOSSARY = (
    ("AUC", "How often the true item is ranked above a wrong one: 0.5 is a coin toss, 1 is perfect."),
    ("GAUC", "The same within each user’s predictions, then averaged over users."),
    (
        "DNN, DIN, DIEN",
        "DNN averages the past. DIN weighs it by likeness to the candidate. DIEN also reads it in order.",
    ),
    ("Fading average", "The DNN with recent events weighing more: the cheapest way to use order."),
    (
        "Shuffled",
        "DIEN trained and tested on histories whose order was destroyed: what is left is not order.",
    ),
    (
        "Calibration slope",
        "1: scores, read as probabilities, are as sure as they should be. Below 1: too sure.",
    ),
    (
        "Calibration error",
        "How far the probability of the first-ranked candidate lies from how often it is true.",
    ),
    ("Auxiliary loss", "DIEN’s extra task of predicting the next event at every step of the history."),
)

LIMITS = (
    "It speaks of ranking the next item. Long-term value, diversity and new users are not in it.",
    "An offline gain is not an online gain: it is a reason to run an A/B test, not its result.",
    "The networks are small and tuned for minutes. A team of specialists would raise all arms, "
    "and the gap between them less.",
)

UNKNOWABLE = (
    "What users do outside this log. No log can say by itself what it has missed.",
    "What users would have chosen, had they been shown something else. Order that the present recommender "
    "creates looks like order in users.",
    "Whether the order of entry is the order of taste: ratings and imports are often entered in a sitting.",
)

CERTAIN = "This is certain: a property of the file, not an estimate."
NO_CONFIDENCE = "No confidence count yet: its table of reference worlds does not exist."
