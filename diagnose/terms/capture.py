"""What condition 2 measures, in plain words: a sentence or two for each probe and each of its estimates.

`N` in a name stands for a number: the step of a funnel, the minutes of a return window.
"""

from __future__ import annotations

PROBES = {
    "log_hygiene": "Counts what is wrong with the rows of the log, and asks whether the order of behaviour "
    "is in it at all: without enough distinct times nothing can be said of order.",
    "outages": "Looks for hours that hold less than half of what the season and the hours around them lead "
    "one to expect.",
    "identity": "How long an id lives and how fast ids come and go: a person whose id is renewed has a "
    "history in pieces.",
    "history_depth": "How many earlier events of a user a model would see at the moment it must predict, and "
    "how complete a user's list of items and categories looks from inside the log. Not capture.",
    "serial_gaps": "Whoever watched episodes 3 and 7 of a series probably watched 4 to 6 somewhere: the "
    "numbers missing between episodes on record tell what share of them the log holds.",
    "orphans": "A purchase needs a view: later steps of a declared funnel without the earlier one on record "
    "tell what share of the earlier ones the log holds.",
    "hand_offs": "Of the active time that starts on the platform, the share that is spent here: a hand-off "
    "event sends users elsewhere, and their return tells for how long.",
    "gap_law": "Losing visits at random makes what is left irregular, so visits as regular as these bound "
    "what can have been lost. Most logs are too bursty for it to tell anything.",
    "thinning": "Takes away single events, whole sessions or whole categories of this log, and looks whether "
    "order would still be found: what losing more would do.",
    "anchors": "The share of behaviour that those who built the logging declare, taken at its word.",
    "panel": "Of the events or the time that an outside observer counted for some users, the share that the "
    "log holds.",
    "second_log": "Events that another observer saw are matched with this log's: what both have and what one "
    "has alone tell how much both miss.",
}

ESTIMATES: dict[str, dict[str, tuple[str, str]]] = {  # probe -> estimate -> (unit, told)
    "log_hygiene": {
        "tie_rate": ("share of events", "Events that share user and time with another event."),
        "null_share": ("share of rows", "Rows without a user, an item or a time; set aside."),
        "duplicate_share": ("share of rows", "Rows that repeat user, item, time and event; set aside."),
        "near_duplicate_share": (
            "share of events",
            "Events that repeat the user's one before within two seconds, beyond what chance does.",
        ),
        "clock_error_share": (
            "share of rows",
            "Rows whose time cannot be read or cannot be: before 1995, in the future; set aside.",
        ),
        "mixed_unit_share": ("share of rows", "Rows whose time is in another unit than the log's."),
        "batch_share": ("share of events", "Events that share user and time with nine others at least."),
        "robot_share": ("share of users", "Users who act like programs: too fast, sleepless, by a timer."),
        "robot_event_share": ("share of events", "Events of such users."),
        "time_quantum_seconds": ("seconds", "The step of the log's clock: all times are whole steps."),
        "ordered_share": (
            "share of users with enough history",
            "Users with five different times at least. Below one in ten the log has no order to measure.",
        ),
        "left_truncated_share": ("share of ids", "Users whose history began before the log did."),
        "right_truncated_share": ("share of ids", "Users whose history goes on after the log ends."),
    },
    "outages": {
        "outages": ("outages", "Stretches of hours that miss half their events or more."),
        "outage_share": ("share of hours", "The hours in such stretches, of all hours of the log."),
    },
    "identity": {
        "single_visit_share": ("share of ids", "Ids that are seen once."),
        "users_with_history_share": ("share of ids", "Ids with at least five events."),
        "lifetime_median_days": ("days", "From the first to the last event of an id, in the median."),
        "birth_rate": ("per active id and day", "Ids seen for the first time, in the middle of the log."),
        "death_rate": ("per active id and day", "Ids seen for the last time, in the middle of the log."),
        "births_per_death": (
            "births per death",
            "About one, with high rates, looks like ids being renewed; honest newcomers and leavers look so "
            "too.",
        ),
    },
    "history_depth": {
        "share_enough": (
            "share of requests",
            "Events with at least five earlier ones of their user: a model's lift times this is what the "
            "platform gains.",
        ),
        "median_depth": ("events", "Earlier events of the user at the median event."),
        "saturation_items": (
            "share of further events",
            "Chance that a user's next event is of an item already met, by Good and Turing. Not capture.",
        ),
        "saturation_categories": ("share of further events", "The same of categories. Not capture."),
        "saturation_distinct_items": (
            "share of a user's items, at most",
            "Of all items in a user's repertoire, rare ones included, those met so far. Not capture.",
        ),
        "saturation_distinct_categories": (
            "share of a user's categories, at most",
            "The same of categories. Not capture.",
        ),
    },
    "serial_gaps": {
        "share": (
            "share of episodes",
            "Episodes between a user's first and last one here that are on record. Its interval runs over "
            "scenarios: some are skipped, some users finish elsewhere.",
        ),
        "share_sampling_only": (
            "share of episodes",
            "The same with the interval of sampling alone: nothing skipped, nobody left.",
        ),
        "share_where_many_leave": ("share of episodes", "The lower end: users finish elsewhere."),
        "share_where_some_are_skipped": ("share of episodes", "The upper end: some are seen nowhere."),
        "skipped_at_most": ("share of episodes, assumed", "How many episodes are skipped, at most: assumed."),
        "clumping": (
            "difference of shares",
            "How much likelier an episode is on record after one that is: 0 where none depends on another.",
        ),
        "turning_back": ("share of steps", "Steps back to an earlier episode."),
        "naive": ("1 / mean jump", "One over the mean jump: far too high where series are short."),
    },
    "orphans": {
        "orphan_share_N_before_N": (
            "share of later events",
            "Events of the later step without one of the earlier step on record before them.",
        ),
        "on_record_N_before_N": (
            "earlier events before a later one",
            "Events of the earlier step on record before one of the later step, on average.",
        ),
        "share_recorded_N_before_N": (
            "share of earlier events",
            "Of the earlier events behind a later one, those on record: over all laws of their number "
            "that the log does not refute.",
        ),
        "set_aside_N_before_N": (
            "share of later events",
            "Later events that do not count: their user was not known long enough.",
        ),
    },
    "hand_offs": {
        "share_of_time": (
            "share of active time",
            "Active time spent here of all that starts here. Its interval runs over the return windows.",
        ),
        "share_of_time_N_minutes": ("share of active time", "The same for one return window."),
        "sessions_handing_off": ("share of sessions", "Sessions with a hand-off, of all."),
    },
    "gap_law": {
        "spread": (
            "squared coefficient of variation",
            "How irregular a user's gaps between sessions are: 1 for visits at random, 0 for clockwork. One "
            "or more tells nothing of capture.",
        ),
        "least_share": ("share of sessions, at least", "Sessions on record, at least: 1 less the spread."),
    },
    "thinning": {
        "share_full": ("share", "Order information in the log as it is, on the targets of this probe."),
        "holds_until_events": (
            "share of the logged events",
            "Down to this share of single events, kept at random, order would still be found. A lower end "
            "of 0 reads: or less.",
        ),
        "holds_until_sessions": ("share of the logged events", "The same where whole sessions are lost."),
        "holds_until_categories": ("share of the logged events", "The same where whole categories are."),
        "projected_half_life_events": (
            "events, logged or not",
            "The half-life, had every event been logged: from a declared rate, where single events are lost "
            "at random.",
        ),
    },
    "anchors": {"declared_rate": ("share of events", "The rate given with --capture-rate, as declared.")},
    "panel": {
        "panel_share": ("share of events or time", "Of what the panel counted, what the log holds."),
        "surplus": (
            "share of events or time",
            "What the log holds beyond the panel's count: so much the panel missed at least.",
        ),
        "users_seen": ("share of panel users", "Users of the panel with any event in the log."),
        "users_over": ("share of panel users", "Those of whom the log holds a quarter more than counted."),
        "follows_totals": (
            "rank correlation",
            "Whether users with more in the panel have more in the log: about 0 where ids meet by accident.",
        ),
        "share_a_head": ("share of events or time", "Of totals by segment: the share, both sides a head."),
        "users_declared": ("share of users", "Of the platform's users those in the log, as declared."),
    },
    "second_log": {
        "second_log_share": (
            "share of events",
            "Of all events, those on record here. Of two logs the interval spans the pooled and the "
            "stratified estimates.",
        ),
        "pooled_share": ("share of events", "Chapman's estimate, all users and items alike."),
        "share_by_user_activity": ("share of events", "The same within strata of users by activity."),
        "share_by_item_popularity": ("share of events", "The same within strata of items."),
        "share_if_independent": (
            "share of events",
            "Of three logs or more: the estimate, did observers miss events independently.",
        ),
        "matched_by_chance": ("share of matches", "Matches that coincidence would make."),
        "tolerance": ("seconds", "How far apart two records of one event may lie."),
    },
}
