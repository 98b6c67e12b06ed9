"""What is no estimate of a probe, in plain words: outcomes, the trial, the log, capture, words of the field.

Short labels are those of the report (report/words.py); here is only what they do not say.
"""

from __future__ import annotations

OUTCOMES = {  # outcome -> (what it means, what to do), as the README has it
    "use_sequence_model": (
        "order pays here, beyond recency, by more than you asked for",
        "build it; the report names the model",
    ),
    "recency_is_enough": (
        "recent events should weigh more, their order adds nothing",
        "decayed pooling with the half-life found",
    ),
    "keep_order_blind_model": (
        "neither order nor recency pays",
        "keep DNN (or DIN where attention pays)",
    ),
    "fix_capture_first": (
        "interests move, but the log misses most of the movement",
        "log more before modelling",
    ),
    "suspect_artefact": (
        "what looks like order is how events were recorded",
        "look at the named cause",
    ),
    "inconclusive": (
        "the evidence does not decide; the probes' leaning is told",
        "the users or days that would",
    ),
    "not_measurable": ("the order of behaviour is not in the log", "log a time for each event"),
}

ARMS = {
    "floor": "The order-blind score of item order information, without a network. An untrained arm is it.",
    "dnn": "A small network on the candidate and the mean of the history: no order, no attention.",
    "dnn_decayed": "The DNN with a mean in which recent events weigh more, by a half-life that is learnt, "
    "and told whether the newest event is of the candidate's kind: the cheapest way to use order.",
    "din": "Attention of the candidate over the events of the history, without their positions.",
    "dien": "A recurrent network over the history in its order, with attention and an auxiliary loss. It is "
    "told all that the fading average is.",
    "dien_no_auxiliary": "DIEN without the task of predicting the next event at every step.",
    "dien_shuffled": "DIEN trained and tested on histories whose order was destroyed: what is left of its "
    "lift is not order.",
    "dien_ties": "DIEN with the order drawn anew where times tie: whether its gain hangs on an order that "
    "nobody recorded.",
}

CONTRASTS = {
    "lift": "What a sequence model brings over a model without order. The smallest that would pay is yours "
    "to say: --minimum-lift.",
    "order_gain": "What order itself brings: a model of the same size without order is subtracted.",
    "recency_gain": "What weighing recent events more brings, without a sequence model.",
    "beyond_recency": "What is left for a sequence model once recent events weigh more. Where it is less "
    "than asked for, recency is enough.",
    "attention_gain": "What weighing events by likeness to the candidate brings.",
    "auxiliary_gain": "What DIEN's auxiliary loss brings.",
    "tie_effect": "How much of DIEN's score hangs on the order of events whose times tie.",
    "order_aware_gain": "What the best model that knows order brings over the best that does not.",
    "order_aware_gain_redrawn": "The same where no arm knows the order inside ties: if it is gone, ties made "
    "the gain.",
}

TRIAL = {  # other names of the trial -> (unit, title, told)
    "auc": ("AUC", "AUC", "How often the true item is ranked above a rival; all targets alike."),
    "gauc": ("GAUC", "GAUC", "The AUC of each user's targets, averaged over users. The trial's measure."),
    "log_loss": ("nats", "log loss", "How surprised an arm is by the true candidate, on average."),
    "parameters": ("", "parameters", "Numbers that an arm learns."),
    "converged": ("", "converged", "Whether validation had stopped rising when training ended."),
    "overfit": ("", "over-fitted", "Whether an arm's GAUC falls by more than 5 % from training to test."),
    "fall": ("share", "fall", "1 less GAUC on test over GAUC on training targets, candidates alike."),
    "learning_curve": ("GAUC", "learning curve", "Validation GAUC at each evaluation, mean over seeds."),
    "calibration_slope": (
        "",
        "calibration slope",
        "1 where scores, read as probabilities of the candidates, are as sure as they should be; below 1 "
        "where they are too sure.",
    ),
    "calibration_error": (
        "share",
        "calibration error",
        "How far the probability of the first-ranked candidate lies from how often it is the true one.",
    ),
    "minimum_lift": (
        "GAUC",
        "least lift worth having",
        "The smallest lift that would pay for a sequence model (--minimum-lift, minimum_worthwhile_lift in "
        "the JSON). Every decision of the verdict about models is against it.",
    ),
    "minimum_worthwhile_lift": ("GAUC", "least lift worth having", "What --minimum-lift was: your number."),
    "minimal_detectable_lift": (
        "GAUC",
        "least lift that could be seen",
        "The true lift whose interval would lie above 0 four times in five, with so many users. Beyond three "
        "times the least worthwhile, the trial is too small.",
    ),
    "users_needed": (
        "users",
        "users needed",
        "Test users with which the least worthwhile lift would be seen four times in five.",
    ),
    "p_adjusted": ("", "adjusted p", "Holm's p value for contrasts or strata that decide nothing."),
    "negatives": ("candidates", "rivals", "How many rivals the true item is ranked among, at most."),
    "targets_test": ("targets", "test targets", "Events that are predicted, later than all that was learnt."),
    "too_small": ("", "problem: too small", "The trial could not have seen a lift near the one asked for."),
    "below_floor": ("", "problem: below the floor", "An arm ranks worse than the score it starts from."),
    "not_converged": ("", "problem: not converged", "An arm was still rising when training ended."),
}

STRATA = {
    "repeat": "Targets that the user had before.",
    "new": "Targets that are new to the user.",
    "rivals_popular": "New items, ranked against rivals drawn by popularity.",
    "rivals_category": "New items, ranked against rivals of the true item's category.",
    "cold_user": "Targets of users with fewer than 10 earlier events.",
    "warm_user": "Targets of users with 10 earlier events or more.",
    "cold_item": "Items that were not there when the order-blind statistics were taken.",
    "known_item": "Items that were.",
}

FAULTS = {  # fault -> (share of what, told)
    "nulls": ("rows", "No user, item or time. Set aside."),
    "clock_errors": ("rows", "A time that cannot be read, or lies before 1995 or in the future. Set aside."),
    "mixed_units": ("rows", "A number that is a time only in another unit than the log's. Set aside."),
    "unclicked_impressions": ("rows", "Shown, not acted on. No events; the trial's candidates."),
    "duplicates": ("rows", "User, item, time and event of another row. Set aside."),
    "near_duplicates": ("events", "User, item and event of the one just before, within 2 seconds. Kept."),
    "null_category": ("events", "No category. Kept."),
    "runaway_users": ("users", "More than 20,000 events. Cut there."),
    "batch_imports": ("events", "User and time shared with nine others at least. Kept."),
    "import_stamps": ("sampled events", "A time that an implausible share of users has. Kept."),
    "robots": ("users", "Too fast, sleepless, or by a timer. Kept."),
    "outages": ("hours", "Hours that miss half their events or more. Nothing is filled in."),
    "late_arrival": ("first rows", "In the file after a later event of the same user. Sorted."),
    "truncation": ("ids", "Histories that the log's beginning or end cuts. Told."),
    "time_quantum": ("events", "Times in steps of a minute or more. Told."),
    "naive_times": ("events", "Times without a zone, taken as UTC."),
    "ties": ("events", "User and time of another event: which came first nobody recorded. Drawn."),
}

GRADES = {
    "A": "A panel or a second log: somebody outside counted.",
    "B": "Gaps in series, orphans, hand-offs: follows from what is in the log, on an assumption.",
    "C": "Nothing in or beside the log says what it misses, but for a bound under an assumption.",
    "declared": "--capture-rate: taken at its word.",
}

CAPTURE = {
    "capture": "The share of a user's relevant behaviour that is in the log and joined to that user. Each "
    "statement about it has a unit, a scope, an interval, a grade and an assumption; capture is what those "
    "of one unit and scope come to together.",
    "statement": "One thing that is known of the share of behaviour the log holds, and on what assumption.",
    "scope": "Of which behaviour a statement speaks; of the rest nothing follows.",
    "conflict": "Whether statements of one unit and scope contradict each other.",
    "wanted": "What to supply, and what it would narrow capture to.",
    "unit_events": "Capture counted in single events.",
    "unit_sessions": "Capture counted in whole sessions.",
    "unit_time": "Capture counted in active time.",
    "unit_episodes": "Capture counted in episodes of a series.",
}

ROLES = {
    "user": "Who did it. Needed.",
    "item": "What it was done with: a product, a video, an article. Needed.",
    "timestamp": "When. Needed, unless position is given.",
    "position": "The place in the order of a user's events, where no time is known.",
    "category": "What kind of thing the item is: the interests. Without it items are clustered.",
    "event": "What was done: view, cart, purchase.",
    "session": "Which sitting it belongs to. Else a pause of 30 minutes ends one.",
    "label": "1 where clicked, 0 where only shown: rows of 0 are no events but the trial's candidates.",
    "request": "Which rows were shown together.",
    "series": "Which series an episode belongs to (with ordinal: serial gaps).",
    "ordinal": "Which episode of the series it is.",
    "source": "Where the user came from; read and told, not used.",
    "duration": "How long it took, in the unit that the column's name says, else in seconds (hand-offs).",
    "rating": "What the user gave it. Ratings are entered in sittings, so their order is held for tied.",
}

WORDS = {  # words that reports use, beside those of the report's own glossaries
    "interest": "A category of the log; a cluster of items where the log has none.",
    "enough history": "At least 5 events of a user.",
    "interval": "90 % everywhere: users resampled, unless the page of a number says otherwise.",
    "arm": "One model of the trial; all arms get the same inputs, targets and rivals.",
    "contrast": "A difference of two arms, user by user.",
    "probe": "One question put to the log, with its null, its interval and its reference.",
    "null": "What a probe's number would be, were there nothing to find.",
    "leaning": "What the probes alone point to where no trustworthy trial has spoken: worth a trial.",
    "flips_if": "The value of a carrying number at which the verdict would be another.",
    "confidence": "On how many reference worlds like this log the same reasoning was right; none exist yet.",
    "budget": "What the trial may spend: quick, standard or thorough (--budget).",
    "drift": "Condition 1: interests move, and the movement helps to say what comes next.",
}
