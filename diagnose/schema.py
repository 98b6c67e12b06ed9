"""Which column plays which role: guessed from names and types, told, and overridden by the user.

Also the counts of the raw rows (`HygieneCounts`), which every engine fills and the hygiene probe reads.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping as Names
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.errors import LogError, UsageError
from diagnose.formatting import printable

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
    "series": ("seriesid series", "serieskey albumid programid programmeid franchiseid"),
    "ordinal": ("ordinal", "episode episodenumber episodeno chapter chapternumber"),
    "source": ("source", "trafficsource channel referrer referer entrypoint eventsource"),
    "duration": ("duration", "dwelltime dwell watchtime playtime playduration timespent durationms"),
    "rating": ("rating", "stars score overall userrating"),
}
ROLES = tuple(ALIASES)
_TIME_WORDS = {"time", "timestamp", "date", "datetime", "ts"}
# Words that, inside a longer name, still point to a role; only for the roles a log cannot do without.
_HINTS: dict[str, set[str]] = {
    "user": {"user", "uid", "visitor", "customer", "member", "client", "shopper"},
    "item": {"item", "product", "sku", "asin", "movie", "video", "article"},
    "timestamp": _TIME_WORDS,
}
_NO_TIME = re.compile(r"BOOL|BLOB|STRUCT|MAP|UUID|\[|INTERVAL")


@dataclass(frozen=True)
class Mapping:
    """Role -> column; `how` says of each role why, `notes` what else a reader should know."""

    roles: Names[str, str]
    how: Names[str, str]
    unused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def clock(self) -> bool:
        """Whether the log has times; False where it has positions only."""
        return "timestamp" in self.roles

    def lines(self) -> tuple[str, ...]:
        """A line for each role, then the notes, as the user is shown them."""
        width = max(len(role) for role in self.roles)
        shown = [
            f"{role:<{width}} = {printable(name, 80)}  ({self.how[role]})"
            for role, name in self.roles.items()
        ]
        ignored = f"not used: {_listed(self.unused)}"
        return (*shown, *([ignored] if self.unused else []), *self.notes)


@dataclass(frozen=True, kw_only=True)
class HygieneCounts:
    """The raw rows, counted. Every row is counted once: set aside for the first reason that holds, or an event.

    rows = null_user + null_item + null_time + unreadable_time + time_before + time_after
           + unclicked_impressions + duplicates + events
    Times are microseconds since 1970 UTC; None for a log of positions, which has no clock.
    """

    rows: int
    null_user: int  # missing or empty
    null_item: int
    null_time: int
    unreadable_time: int  # text that is no time, a number too large to be one
    time_before: int  # before `start`: 1970, seconds taken for milliseconds, ...
    time_after: int  # from `end` on: the future
    unclicked_impressions: int  # rows with label 0
    duplicates: int  # same user, item, time and event as another row
    events: int  # valid events, before runaway users are cut
    users: int
    items: int
    categories: int
    null_category: int  # of the events; 0 where there is no category column
    users_with_history: int
    runaway_users: int
    runaway_events_cut: int
    time_quantum_us: int | None  # the largest of 1 us, 1 ms, 1 s, 1 min, 1 h, 1 day dividing 99.9 % of times
    first_time: int | None
    last_time: int | None
    start: int | None  # times outside [start, end) are impossible
    end: int | None
    time_unit: str  # "s" | "ms" | "us" | "ns" (epoch numbers) | "text" | "timestamp" | "date" | "position"
    naive: bool  # times without a zone, taken as UTC

    @property
    def impossible_time(self) -> int:
        """Rows whose time cannot be."""
        return self.time_before + self.time_after

    @property
    def set_aside(self) -> int:
        """Rows that are not events."""
        return self.rows - self.events


def guess(columns: Names[str, str], overrides: Names[str, str], *, source: str = "the log") -> Mapping:
    """Which column plays which role.

    `columns`: name -> type as the engine prints it. `overrides`: role -> name; an empty name says that no
    column plays the role. Raises UsageError for a role that does not exist, LogError with all faults at once.
    """
    _check_roles(overrides)
    faults = [
        _no_such(role, name, columns) for role, name in overrides.items() if name and name not in columns
    ]
    roles = {role: name for role, name in overrides.items() if name in columns and name}
    how = dict.fromkeys(roles, "as you said")
    for role, name, why in _by_alias(columns, overrides, faults):
        roles[role], how[role] = name, why
    for role in _required(overrides):
        if role not in roles and not any(fault[1] == role for fault in faults):
            _by_hint(role, columns, roles=roles, how=how, faults=faults)
    if faults:
        raise _all_faults(faults, columns=columns, source=source)
    ordered = {role: roles[role] for role in ROLES if role in roles}
    unused = tuple(name for name in columns if name not in roles.values())
    return Mapping(roles=ordered, how=how, unused=unused)


def target_codes(events: Sequence[str], target: str | None) -> NDArray[np.int64] | None:
    """The codes of `--target EVENT` among a log's events; None where all events are targets."""
    if target is None:
        return None
    if target in events:
        return np.array([events.index(target)], dtype=np.int64)
    if not events:
        raise UsageError(
            f"--target {printable(target)}: the log has no column that says what kind of event a row is.",
            attempt="--column event=NAME, or no --target: then every event is a target",
        )
    close = difflib.get_close_matches(target, events, n=1, cutoff=0.0)[0]
    raise UsageError(
        f"--target {printable(target)}: the log has no such event.",
        seen=_listed(events),
        attempt=f"--target {printable(close, 80)}",
    )


_Fault = tuple[str, str, str]  # what, role, the name to try


def _check_roles(overrides: Names[str, str]) -> None:
    unknown = [role for role in overrides if role not in ALIASES]
    if unknown:
        close = difflib.get_close_matches(unknown[0], ROLES, n=1, cutoff=0.0)[0]
        raise UsageError(
            f"--column: there is no role {_listed(unknown)}. The roles are {', '.join(ROLES)}.",
            seen=", ".join(printable(f"{role}={overrides[role]}", 80) for role in unknown),
            attempt=f"--column {close}={printable(overrides[unknown[0]], 80)}",
        )
    if overrides.get("timestamp") and overrides.get("position"):
        raise UsageError(
            "--column: a log has a timestamp or a position, not both.",
            seen=f"timestamp={printable(overrides['timestamp'])}, position={printable(overrides['position'])}",
            attempt="keep timestamp where the times are real, position where only the order is",
        )


def _required(overrides: Names[str, str]) -> tuple[str, ...]:
    return ("user", "item") if overrides.get("position") else ("user", "item", "timestamp")


def _no_such(role: str, name: str, columns: Names[str, str]) -> _Fault:
    close = difflib.get_close_matches(name, columns, n=1, cutoff=0.0) or ["NAME"]
    return (f'there is no column "{printable(name, 80)}" to play the role "{role}"', role, close[0])


def _by_alias(
    columns: Names[str, str], overrides: Names[str, str], faults: list[_Fault]
) -> list[tuple[str, str, str]]:
    """The roles that a column's name says outright; two names equally good are a fault."""
    taken, found = set(overrides.values()), []
    for role, groups in ALIASES.items():
        if role in overrides or (role == "timestamp" and overrides.get("position")):
            continue
        for group in groups:
            names = [name for name in columns if _plain(name) in group.split() and name not in taken]
            if role == "timestamp":
                names = [name for name in names if not _NO_TIME.search(columns[name].upper())]
            if len(names) > 1:
                faults.append(_ambiguous(role, names))
            elif names:
                found.append((role, names[0], "its name says so"))
            if names:
                break
    return found


def _by_hint(
    role: str,
    columns: Names[str, str],
    *,
    roles: dict[str, str],
    how: dict[str, str],
    faults: list[_Fault],
) -> None:
    """A required role that no alias filled: a word inside a name, or the only column of a time type."""
    free = [name for name in columns if name not in roles.values()]
    names = [name for name in free if _HINTS[role] & set(_words(name))]
    if role == "timestamp":
        typed = [name for name in free if columns[name].upper().startswith(("TIMESTAMP", "DATE"))]
        names = typed or [name for name in names if not _NO_TIME.search(columns[name].upper())]
    if len(names) == 1:
        roles[role], how[role] = names[0], "its type says so" if role == "timestamp" else "its name hints so"
    elif names:
        faults.append(_ambiguous(role, names))
    else:
        likely = sorted(free, key=lambda name: (not _words(name)[-1:] == ["id"]) == (role != "timestamp"))
        faults.append((f'no column plays the role "{role}"', role, likely[0] if likely else "NAME"))


def _ambiguous(role: str, names: Sequence[str]) -> _Fault:
    return (f'{len(names)} columns could play the role "{role}": {_listed(names)}', role, names[0])


def _all_faults(faults: Sequence[_Fault], *, columns: Names[str, str], source: str) -> LogError:
    what = "; ".join(text for text, _, _ in faults)
    words = " ".join(f"--column {role}={_shell(name)}" for _, role, name in faults)
    return LogError(
        f"{source}: {what}.", seen=_listed(columns), attempt=f"diagnose analyze {_shell(source)} {words}"
    )


def _plain(name: str) -> str:
    """'User ID' and RecBole's 'user_id:token' are both 'userid'."""
    return re.sub(r"[\W_]", "", name.split(":")[0]).lower()


def _words(name: str) -> list[str]:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name.split(":")[0])
    return [word for word in re.split(r"[\W_]+", spaced.lower()) if word]


def _listed(names: Sequence[str] | Names[str, str], most: int = 40) -> str:
    shown = ", ".join(printable(name, 80) for name in list(names)[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "") if names else "none"


def _shell(text: str) -> str:
    """Quoted for a shell where it must be."""
    safe = printable(text, 200)
    return safe if re.fullmatch(r"[\w./:=@%+,-]+", safe) else "'" + safe.replace("'", "'\\''") + "'"
