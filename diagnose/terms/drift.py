"""What condition 1 measures, in plain words: a sentence or two for each probe and each of its estimates.

The questions and short labels are those of the report (report/probe_words.py); nulls and references stand
in the header of each probe's module. Here is only what neither says.
"""

from __future__ import annotations

PROBES = {
    "order_information": "How many bits knowing the order of a user's past saves when the next category is "
    "predicted, beyond what the unordered past and popularity at the time tell already.",
    "item_order_information": "How much better the next item is ranked, without a network, by a scorer that "
    "knows recency and what follows what, than by the same scorer without order.",
    "interest_persistence": "How fast a user's interests fade, and which part of them fades at all; the rest "
    "is lasting taste.",
    "exchangeability": "Whether events of one category stand side by side more often than shuffled histories "
    "would have them, by event and by session, with and without the platform's trend.",
    "evolution_paths": "Which interest leads to which, and not the other way round: pairs of categories with "
    "more steps from one to the other than back.",
    "turnover": "How much of a user's set of categories is replaced from the first half of the history to "
    "the second, beyond what two samples of one taste differ.",
    "catalogue_trend": "How fast the platform's own mix of categories moves, whoever its users are: movement "
    "that popularity at the time follows, without a sequence model.",
}

ESTIMATES: dict[str, dict[str, tuple[str, str]]] = {  # probe -> estimate -> (unit, told)
    "order_information": {
        "total": ("bits/event", "What order saves in all. Recency and direction add up to it."),
        "recency": ("bits/event", "The part of the total that knowing which categories came lately saves."),
        "direction": ("bits/event", "What knowing which category follows which adds beyond recency."),
        "across_sessions": (
            "bits/event",
            "What is lost when a user's earlier sessions change places as blocks; on targets with two of "
            "them at least.",
        ),
        "within_session": ("bits/event", "The rest on the same targets: order inside a session."),
        "share": (
            "share",
            "The total over the loss of the order-blind model: which part of the uncertainty about the next "
            "category order takes away. Below 0.005 (order.floor_share) it cannot pay.",
        ),
        "blind_loss": (
            "bits/event",
            "How uncertain the next category is for a model that knows the past without its order.",
        ),
        "recency_half_life": (
            "events",
            "After so many events an event of the past weighs half. The median over three rotations of the "
            "users; its range is theirs, no 90 % interval. The trial's fading average starts from it.",
        ),
        "second_order": (
            "bits/event",
            "What steps from two and three events back, and from the last two together, add to everything "
            "else.",
        ),
        "history_needed": (
            "events",
            "The fewest latest events whose order carries nine tenths of the gain: the history that a model "
            "needs. Told only where order is found.",
        ),
    },
    "item_order_information": {
        "gain": (
            "GAUC",
            "What order adds to the ranking of the next item among equally eligible ones, less what it adds "
            "on shuffled histories. Below 0.003 (item_order.floor) it is not worth a project.",
        ),
        "blind": ("GAUC", "How well the scorer ranks without order."),
        "full": (
            "GAUC",
            "How well it ranks with order. Full less blind is not the gain: that is measured against "
            "shuffled histories.",
        ),
        "gain_repeats": ("GAUC", "The gain where the true item is one that the user had before."),
        "gain_new": ("GAUC", "The gain where the true item is new to the user."),
        "gain_trees": (
            "GAUC",
            "The gain with boosted trees in place of the linear scorer: above it, order acts through "
            "interactions; below it, interactions without order tell a part of it as well.",
        ),
        "blind_trees": ("GAUC", "How well boosted trees rank without order."),
        "full_trees": ("GAUC", "How well boosted trees rank with order."),
        "recency_half_life": (
            "events",
            "After so many events an event of the past weighs half in the scorer; the median over five "
            "rotations, its range theirs. Absent where no gain is found.",
        ),
    },
    "interest_persistence": {
        "half_life_days": (
            "days",
            "After so many days half of what can fade in an interest has faded. Fitted to how often two "
            "events of a user, a lag apart and in different sessions, share a category, beyond chance.",
        ),
        "half_life_events": ("events", "The same by the number of events between, not by the calendar."),
        "drift_share": (
            "share",
            "Which part of the agreement of past and present fades in time; the rest lasts. Below 0.05 "
            "(persistence.floor_drift_share) interests hold still.",
        ),
        "drift_share_events": ("share", "The same, measured over lags of events, not days."),
        "calendar_share": (
            "share",
            "Which part of the fading days carry: 1 where interests fade with days however much a user does, "
            "0 where they fade with events.",
        ),
    },
    "exchangeability": {
        "z": (
            "standard deviations",
            "Neighbours of one category, observed less expected of shuffled histories. With many events it "
            "is large for the smallest effect: read the excess.",
        ),
        "excess": ("share", "The same as a share of all neighbours: how many repeat beyond chance."),
        "z_sessions": (
            "standard deviations",
            "The same by session, each standing for the category it opens with: sessions of one category "
            "alone do not move it.",
        ),
        "excess_sessions": ("share", "Sessions that open as the one before did, beyond chance."),
        "z_given_trend": (
            "standard deviations",
            "As z, against orders drawn as the platform's trend would have them: what a moving catalogue "
            "makes is taken out.",
        ),
        "excess_given_trend": (
            "share",
            "As excess, beyond what the trend makes. Below 0.01 (guard.floor_excess) it may be its trace.",
        ),
        "z_sessions_given_trend": (
            "standard deviations",
            "By session and given the trend: the strictest of the four.",
        ),
        "excess_sessions_given_trend": ("share", "The excess by session, beyond what the trend makes."),
        "moving_users": (
            "share",
            "Users, at least, one in ten of whose sessions takes up the category of the one before "
            "beyond their own taste.",
        ),
    },
    "evolution_paths": {
        "paths": ("paths", "Directed pairs of categories found, with at most one in ten by chance."),
        "directed_share": (
            "share",
            "Of all steps between unlike categories, those that are surplus on such paths; paths of one half "
            "of the users, steps of the other.",
        ),
        "asymmetry": (
            "standard deviations",
            "How far all pairs together are from going both ways alike; 0 lies inside its interval where "
            "nothing has a direction.",
        ),
        "bowker": ("chi-square", "Bowker's classical statistic of symmetry, for comparison."),
        "bowker_degrees": ("degrees of freedom", "Degrees of freedom of Bowker's statistic."),
        "pairs_tested": ("pairs", "Pairs of categories that enough users step between."),
        "tied_share": ("share", "Steps whose two times are the same, so that they have no direction."),
    },
    "turnover": {
        "turnover": (
            "share",
            "1 less the likeness of early and late sessions over the likeness inside one window: 0 where "
            "nothing is replaced, 1 where all is.",
        ),
        "similarity_within": ("similarity", "How alike two halves of one window of sessions are."),
        "similarity_between": ("similarity", "How alike a half of the early and of the late window are."),
        "late_novelty": (
            "share",
            "Events in categories new to the user, beyond chance, in the later half of the sessions.",
        ),
    },
    "catalogue_trend": {
        "per_week": (
            "bits/week",
            "How far the mix of categories of one week lies from that of the next, less what sampling makes.",
        ),
        "per_week_lasting_users": (
            "bits/week",
            "The same of users seen both early and late: not who is there moves, but what they take.",
        ),
        "first_to_last": ("bits", "How far the mix of the last quarter lies from that of the first."),
        "step": ("days", "Days in the windows compared; told, not estimated."),
    },
}
