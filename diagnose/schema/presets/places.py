"""Presets of check-ins. A table (docs/presets.md)."""

from __future__ import annotations

from diagnose.schema.presets.record import ANY, ISO, NUMBER, WHOLE, Form, Preset

_TIME, _FORMAT = r"\w{3} \w{3} \d\d \d\d:\d\d:\d\d \+0000 \d{4}", "%a %b %d %H:%M:%S +0000 %Y"
_VENUE = r"[0-9a-f]{24}"
_VOLUNTARY = "check-ins are voluntary: the places where nobody checks in are missing, and most come again"

FOURSQUARE = Preset(
    name="foursquare",
    title="Foursquare check-ins (Yang), TSMC2014 and TIST2015",
    forms=(
        Form(
            file="dataset_TSMC2014_NYC.txt",
            names=(
                "User ID",
                "Venue ID",
                "Venue category ID",
                "Venue category name",
                "Latitude",
                "Longitude",
                "Timezone offset",
                "UTC time",
            ),
            values=(WHOLE, _VENUE, ANY, ANY, NUMBER, NUMBER, WHOLE, _TIME),
            delimiter="\t",
            quote="",
            encoding="latin-1",
            roles={
                "user": "User ID",
                "item": "Venue ID",
                "category": "Venue category name",
                "timestamp": "UTC time",
            },
            time="Tue Apr 03 18:00:09 +0000 2012",
            time_format=_FORMAT,
            example="470\t49bbd6c0f964a520f4531fe3\t4bf58dd8d48988d127951735\tArts & Crafts Store"
            "\t40.719810\t-74.002581\t-240\tTue Apr 03 18:00:09 +0000 2012",
        ),
        Form(
            file="dataset_TIST2015_Checkins.txt",
            names=("User ID", "Venue ID", "UTC time", "Timezone offset"),
            values=(WHOLE, _VENUE, _TIME, WHOLE),
            delimiter="\t",
            quote="",
            roles={"user": "User ID", "item": "Venue ID", "timestamp": "UTC time"},
            time="Tue Apr 03 18:00:06 +0000 2012",
            time_format=_FORMAT,
            example="50756\t4f5e3a72e4b053fd6a4313f6\tTue Apr 03 18:00:06 +0000 2012\t240",
        ),
    ),
    caveats=(_VOLUNTARY,),
)
GOWALLA = Preset(
    name="gowalla",
    title="Gowalla and Brightkite check-ins (SNAP)",
    forms=(
        Form(
            file="loc-gowalla_totalCheckins.txt",
            names=("user", "check-in time", "latitude", "longitude", "location id"),
            values=(WHOLE, ISO, NUMBER, NUMBER, r"[0-9a-f]*"),
            delimiter="\t",
            quote="",
            roles={"user": "user", "item": "location id", "timestamp": "check-in time"},
            time="ISO, UTC",
            example="0\t2010-10-19T23:55:27Z\t30.2359091167\t-97.7951395833\t22847",
        ),
    ),
    caveats=(_VOLUNTARY, "there are no categories: interests are clusters"),
)
