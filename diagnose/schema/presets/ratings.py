"""Presets of ratings, and of the files that many logs are passed on in. A table (docs/presets.md)."""

from __future__ import annotations

from diagnose.schema.presets.record import NUMBER, SECONDS, WHOLE, Form, Preset

_REVIEWER, _ASIN = r"A[0-9A-Z]{10,}|#oc-[0-9A-Z]+", r"[0-9A-Z]{10}"
_RATED = {"user": "user_id", "item": "item_id", "rating": "rating", "timestamp": "timestamp"}

MOVIELENS = Preset(
    name="movielens",
    title="MovieLens ratings (GroupLens), 100K to 32M",
    forms=(
        Form(
            file="ratings.dat",
            names=("UserID", "MovieID", "Rating", "Timestamp"),
            values=(WHOLE, WHOLE, NUMBER, SECONDS),
            delimiter="::",
            quote="",
            roles={"user": "UserID", "item": "MovieID", "rating": "Rating", "timestamp": "Timestamp"},
            time="epoch seconds",
            example="1::1193::5::978300760",
        ),
        Form(
            file="u.data",
            names=("user_id", "item_id", "rating", "timestamp"),
            values=(WHOLE, WHOLE, NUMBER, SECONDS),
            delimiter="\t",
            quote="",
            roles=_RATED,
            time="epoch seconds",
            example="196\t242\t3\t881250949",
        ),
        Form(
            file="ratings.csv",
            names=("userId", "movieId", "rating", "timestamp"),
            roles={"user": "userId", "item": "movieId", "rating": "rating", "timestamp": "timestamp"},
            time="epoch seconds",
            example="userId,movieId,rating,timestamp",
        ),
    ),
    caveats=(
        "ratings are entered in sittings: the order inside a sitting is not the order of taste",
        "times are those of rating, not of watching; the site itself decided what was there to be rated",
        "genres are in another file: interests are clusters",
    ),
)
AMAZON = Preset(
    name="amazon-ratings",
    title="Amazon reviews (McAuley), the ratings alone: 2014, 2018, 2023",
    forms=(
        Form(
            file="ratings_Beauty.csv (2014)",
            names=("user_id", "item_id", "rating", "timestamp"),
            values=(_REVIEWER, _ASIN, NUMBER, SECONDS),
            roles=_RATED,
            time="epoch seconds, whole days",
            example="A1YJEY40YUW4SE,7806397051,1.0,1391040000",
        ),
        Form(
            file="All_Beauty.csv (2018)",
            names=("item_id", "user_id", "rating", "timestamp"),
            values=(_ASIN, _REVIEWER, NUMBER, SECONDS),
            roles=_RATED,
            time="epoch seconds, whole days",
            example="0143026860,A1V6B6TNIC10QE,1.0,1424304000",
        ),
        Form(
            file="All_Beauty.csv or .jsonl (2023)",
            names=("user_id", "parent_asin", "rating", "timestamp"),
            roles=_RATED | {"item": "parent_asin"},
            time="epoch milliseconds",
            example="user_id,parent_asin,rating,timestamp",
        ),
        Form(
            file="reviews_Beauty_5.json (2014, 2018)",
            names=("reviewerID", "asin", "overall", "unixReviewTime"),
            roles={"user": "reviewerID", "item": "asin", "rating": "overall", "timestamp": "unixReviewTime"},
            time="epoch seconds, whole days",
            example="",
        ),
    ),
    caveats=(
        "times are those of the review, not of the purchase; before 2023 they are whole days",
        "several reviews are often written in one sitting: their order is not the order of taste",
        "5-core files hold no user and no item with fewer than five reviews: short histories are gone",
    ),
)
RECBOLE = Preset(
    name="recbole",
    title="Atomic files of RecBole",
    forms=(
        Form(
            file="*.inter",
            names=("name:type",),
            delimiter="\t",
            quote="",
            typed=True,
            time="epoch numbers, as the log has them",
            example="user_id:token\titem_id:token\trating:float\ttimestamp:float",
        ),
    ),
    caveats=("which log it is, the file does not say: look up how it was filtered before it was published",),
)
