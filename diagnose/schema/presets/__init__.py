"""Well-known public logs by name: how each is published, and which of them a log looks like.

The tables are beside this module. Column names of files without a header are those of the publisher's own
description; examples keep the published format.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from diagnose.errors import UsageError
from diagnose.formatting import printable
from diagnose.schema.presets import media, places, ratings, shops
from diagnose.schema.presets.record import AsPublished, Form, Packed, Preset, sketched, without_rivals
from diagnose.settings import Settings

__all__ = [
    "PRESETS",
    "AsPublished",
    "Form",
    "Packed",
    "Preset",
    "aimed",
    "begun_by",
    "named",
    "preset",
    "sketched",
    "told",
    "without_rivals",
]
PRESETS: Mapping[str, Preset] = {
    one.name: one
    for one in (
        ratings.MOVIELENS,
        ratings.AMAZON,
        shops.TAOBAO,
        shops.YOOCHOOSE,
        shops.RETAILROCKET,
        shops.REES46,
        shops.DIGINETICA,
        media.MIND,
        media.LASTFM,
        media.KUAIRAND,
        media.KUAIREC,
        places.FOURSQUARE,
        places.GOWALLA,
        ratings.RECBOLE,
    )
}


def preset(name: str) -> Preset:
    """The preset of this name. Raises UsageError that lists all where there is none."""
    if name in PRESETS:
        return PRESETS[name]
    close = difflib.get_close_matches(name.lower(), PRESETS, n=1, cutoff=0.0)[0]
    raise UsageError(
        f"There is no preset {printable(name, 80)!r}.",
        seen=f"the presets are {', '.join(PRESETS)} (docs/presets.md)",
        attempt=f"--preset {close}",
    )


def told(columns: Mapping[str, str], name: str | None) -> Mapping[str, str] | AsPublished:
    """What is said of a log's columns: by its user alone, or by a preset besides."""
    return columns if name is None else AsPublished(preset(name), columns)


def aimed(settings: Settings, name: str | None) -> Settings:
    """The settings with the target of a preset where none was named; an empty name says all events."""
    target = settings.target_event
    if target is None and name is not None:
        target = preset(name).target
    return replace(settings, target_event=target or None)


def begun_by(line: str) -> Preset | None:
    """The preset of a text file that begins with this line."""
    return _first(lambda one: one.begun_by(line))


def named(columns: Collection[str]) -> Preset | None:
    """The preset of a table, a frame or a file with columns of these names."""
    return _first(lambda one: one.named(columns))


def _first(found: Callable[[Preset], Form | None]) -> Preset | None:
    return next((one for one in PRESETS.values() if found(one) is not None), None)
