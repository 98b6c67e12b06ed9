"""Presets of news, music and video. A table (docs/presets.md)."""

from __future__ import annotations

from diagnose.schema.presets.record import ANY, ISO, WHOLE, Form, Packed, Preset

MIND = Preset(
    name="mind",
    title="MIND, news impressions (Microsoft)",
    forms=(
        Form(
            file="behaviors.tsv",
            names=("impression_id", "user_id", "time", "history", "impressions"),
            values=(WHOLE, r"U?\d+", r"\d+/\d+/\d{4} \d+:\d\d:\d\d [AP]M", ANY, r"\S+-[01]( \S+-[01])*"),
            delimiter="\t",
            quote="",
            roles={
                "user": "user_id",
                "item": "news_id",
                "timestamp": "time",
                "label": "clicked",
                "request": "impression_id",
            },
            packed=Packed(column="impressions", between=" ", mark="-", item="news_id", label="clicked"),
            time="11/15/2019 10:22:32 AM, no zone",
            time_format="%m/%d/%Y %I:%M:%S %p",
            example="1\tU13740\t11/11/2019 9:05:58 AM\tN55189 N42782\tN55689-1 N35729-0",
        ),
    ),
    caveats=(
        "a click has the time of its impression: clicks of one impression have no order",
        "the column history (clicks before the log) has no times and is left out; test files have no labels",
        "categories are in news.tsv: interests are clusters",
    ),
)
LASTFM = Preset(
    name="lastfm",
    title="Last.fm: listening of 1,000 users; tags of HetRec 2011",
    forms=(
        Form(
            file="userid-timestamp-artid-artname-traid-traname.tsv",
            names=("userid", "timestamp", "artid", "artname", "traid", "traname"),
            values=(r"user_\d+", ISO, ANY, ANY, ANY, ANY),
            delimiter="\t",
            quote="",
            roles={"user": "userid", "timestamp": "timestamp", "item": "traid", "category": "artname"},
            time="ISO, UTC",
            example="user_000001\t2009-05-04T23:08:57Z\tf1b1cf71\tDeep Dish\t6f8cb1ac\tFlashdance",
        ),
        Form(
            file="user_taggedartists-timestamps.dat",
            names=("userID", "artistID", "tagID", "timestamp"),
            delimiter="\t",
            roles={"user": "userID", "item": "artistID", "timestamp": "timestamp", "category": ""},
            time="epoch milliseconds",
            example="userID\tartistID\ttagID\ttimestamp",
        ),
    ),
    caveats=(
        "plays of tracks without an id are set aside; --column item=traname goes by their names instead",
        "an artist stands for a category: a listener plays an album through, which is no move of interest",
        "the tags are given in sittings, an artist several at once: their order is not that of listening",
    ),
)
KUAIRAND = Preset(
    name="kuairand",
    title="KuaiRand, short videos (Kuaishou)",
    forms=(
        Form(
            file="log_standard_*.csv",
            names=("user_id", "video_id", "time_ms", "is_click", "play_time_ms", "duration_ms"),
            roles={
                "user": "user_id",
                "item": "video_id",
                "timestamp": "time_ms",
                "label": "is_click",
                "duration": "play_time_ms",
            },
            time="epoch milliseconds",
            example="user_id,video_id,date,hourmin,time_ms,is_click,is_like,is_follow,play_time_ms,duration_ms,tab",
        ),
    ),
    caveats=(
        "rows of is_click 0 were only shown; in the feed that plays by itself a click says little",
        "log_random_*.csv holds videos shown at random: give the standard files alone",
        "categories are in another file: interests are clusters",
    ),
)
KUAIREC = Preset(
    name="kuairec",
    title="KuaiRec, short videos (Kuaishou)",
    forms=(
        Form(
            file="big_matrix.csv",
            names=("user_id", "video_id", "play_duration", "video_duration", "timestamp", "watch_ratio"),
            roles={"user": "user_id", "item": "video_id", "timestamp": "timestamp", "duration": ""},
            time="epoch seconds with a fraction",
            example="user_id,video_id,play_duration,video_duration,time,date,timestamp,watch_ratio",
        ),
    ),
    caveats=(
        "every video that played is an event, liked or not: what comes next is the platform's choice",
        "small_matrix.csv was filled by showing everything to everyone: it is no log of behaviour",
        "play_duration is in milliseconds and is not used",
    ),
)
