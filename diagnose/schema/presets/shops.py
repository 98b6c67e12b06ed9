"""Presets of shops. A table (docs/presets.md)."""

from __future__ import annotations

from diagnose.schema.presets.record import ISO, SECONDS, WHOLE, Form, Preset

_FOLLOWS = (
    "carts and purchases mostly follow a view of the same item: without --target only views are predicted"
)

TAOBAO = Preset(
    name="taobao-userbehavior",
    title="Taobao UserBehavior (Tianchi)",
    forms=(
        Form(
            file="UserBehavior.csv",
            names=("user_id", "item_id", "category_id", "behavior_type", "timestamp"),
            values=(WHOLE, WHOLE, WHOLE, "pv|buy|cart|fav", SECONDS),
            roles={
                "user": "user_id",
                "item": "item_id",
                "category": "category_id",
                "event": "behavior_type",
                "timestamp": "timestamp",
            },
            time="epoch seconds",
            example="1,2268318,2520377,pv,1511544070",
        ),
    ),
    target="pv",
    caveats=(
        _FOLLOWS,
        "nine days only, 25 November to 3 December 2017 in China; a few times lie outside and are kept",
    ),
)
YOOCHOOSE = Preset(
    name="yoochoose",
    title="YooChoose clicks (RecSys Challenge 2015)",
    forms=(
        Form(
            file="yoochoose-clicks.dat",
            names=("Session ID", "Timestamp", "Item ID", "Category"),
            values=(WHOLE, ISO, WHOLE, r"S|\d+"),
            roles={
                "user": "Session ID",
                "timestamp": "Timestamp",
                "item": "Item ID",
                "category": "Category",
                "session": "",
            },
            missing={"Category": "0"},
            time="ISO, UTC",
            example="1,2014-04-07T10:51:09.277Z,214536502,0",
        ),
    ),
    caveats=(
        "a session stands for a user: nothing of drift between visits can be seen",
        "category 0 is none; S is a special offer, 1 to 12 are categories, longer numbers are brands",
    ),
)
RETAILROCKET = Preset(
    name="retailrocket",
    title="RetailRocket events",
    forms=(
        Form(
            file="events.csv",
            names=("timestamp", "visitorid", "event", "itemid", "transactionid"),
            roles={"user": "visitorid", "item": "itemid", "event": "event", "timestamp": "timestamp"},
            time="epoch milliseconds",
            example="timestamp,visitorid,event,itemid,transactionid",
        ),
    ),
    target="view",
    caveats=(
        _FOLLOWS,
        "most visitors come once: a visitor is a browser, not a person",
        "categories are in other files: interests are clusters",
    ),
)
REES46 = Preset(
    name="rees46",
    title="REES46 eCommerce behaviour (multi-category store, cosmetics)",
    forms=(
        Form(
            file="2019-Oct.csv",
            names=("event_time", "event_type", "product_id", "category_id", "user_id", "user_session"),
            roles={
                "user": "user_id",
                "item": "product_id",
                "category": "category_id",
                "event": "event_type",
                "session": "user_session",
                "timestamp": "event_time",
            },
            time="2019-10-01 00:00:00 UTC",
            example="event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session",
        ),
    ),
    target="view",
    caveats=(
        _FOLLOWS,
        "one file is one month: give all months at once, or histories are cut at its ends",
    ),
)
DIGINETICA = Preset(
    name="diginetica",
    title="Diginetica item views (CIKM Cup 2016)",
    forms=(
        Form(
            file="train-item-views.csv",
            names=("sessionId", "userId", "itemId", "timeframe", "eventdate"),
            delimiter=";",
            roles={"user": "sessionId", "item": "itemId", "position": "timeframe", "session": ""},
            time="milliseconds since the session began: an order without a clock",
            example="sessionId;userId;itemId;timeframe;eventdate",
        ),
    ),
    caveats=(
        "a session stands for a user, for most have no user: nothing of drift between visits can be seen",
        "eventdate is a day: nothing is measured in days, and order found may be the catalogue's movement",
    ),
)
