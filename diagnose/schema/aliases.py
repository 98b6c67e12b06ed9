"""The names under which columns play their roles, seen in public logs and in common trackers."""

from __future__ import annotations

import re

# A role's names, best first: a name of an earlier group beats one of a later group, two of one group are
# ambiguous. Written without case, spaces, "_", "-" and ".", so that "User ID" is "userid".
ALIASES: dict[str, tuple[str, ...]] = {
    "user": (
        "userid user",
        "uid iduser userkey username usr visitorid visitor customerid customer clientid memberid accountid "
        "accountidentifier shopperid reviewerid personid cookieid deviceid householdid household audienceid "
        "fullvisitorid anonymousid userpseudoid userno",
    ),
    "item": (
        "itemid item",
        "iid iditem itemkey productid product prodid sku asin parentasin movieid videoid articleid newsid "
        "songid trackid artistid adid bookid poiid venueid businessid contentid docid documentid gameid "
        "hotelid recipeid listingid goodsid photoid mediaid showid",
    ),
    "timestamp": (
        "timestamp",
        "time ts eventtime eventtimestamp timestampms unixtime unixreviewtime datetime when timestampus "
        "createdat servertime servertimestamp occurredat eventdatetime timems timesec visittime",
        "date day eventdate createddate",
    ),
    "position": (),  # never guessed: an order without a clock is something the user must say
    "category": (
        "category categoryid",
        "cat catid cate cateid itemcategory itemcategoryid categoryname productcategory productcategoryid "
        "genre topic department departmentid section maincategory",
        "categories categorycode categorylist genres topics tags",
    ),
    "event": (
        "eventtype event",
        "behavior behaviour behaviortype behaviourtype action actiontype eventname interactiontype "
        "activitytype btag",
    ),
    "session": ("sessionid session", "sid sessionkey usersession visitid gasessionid sessid"),
    "label": ("label", "click clicked isclick isclicked"),
    "request": ("requestid request", "impressionid impressionkey"),
    "series": ("seriesid series", "serieskey albumid programid programmeid franchiseid"),
    "ordinal": ("ordinal", "episode episodenumber episodeno chapter chapternumber"),
    "source": ("source", "trafficsource channel referrer referer entrypoint eventsource"),
    "duration": ("duration", "dwelltime dwell watchtime playtime playduration timespent durationms"),
    "rating": ("rating", "stars score overall userrating"),
}
ROLES = tuple(ALIASES)
TIME_WORDS = {"time", "timestamp", "date", "datetime", "ts"}
# Words that, inside a longer name, still point to a role; only for the roles a log cannot do without.
HINTS: dict[str, set[str]] = {
    "user": {"user", "uid", "visitor", "customer", "member", "client", "shopper"},
    "item": {"item", "product", "sku", "asin", "movie", "video", "article"},
    "timestamp": TIME_WORDS,
}
NO_TIME = re.compile(r"BOOL|BLOB|STRUCT|MAP|UUID|\[|INTERVAL")


def plain(name: str) -> str:
    """'User ID' and RecBole's 'user_id:token' are both 'userid'."""
    return re.sub(r"[\W_]", "", name.split(":")[0]).lower()
