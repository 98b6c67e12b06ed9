"""Test data: a log whose names are honest and hard to set: right-to-left, wide letters, names without end."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

from example import recency_is_enough, shown

from diagnose.results import Measured, Result, Series

HEBREW, ARABIC, CHINESE = "מחשבים", "هواتف ذكية", "电脑和平板电脑配件以及办公用品与家用电器维修服务套装"
JAPANESE = "ベビーカーとチャイルドシートのための交換用クッションと日よけカバーのセット"
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 6
WORDY = "A category whose name goes on and on, as names do that were written for a search engine " * 3
NAMES = (HEBREW, ARABIC, CHINESE, JAPANESE, LONG, WORDY.strip(), "Books")


def strange() -> Result:
    """The example with such names for its categories, columns and file."""
    base = recency_is_enough()
    probes = tuple(
        dataclasses.replace(probed, series=tuple(map(_renamed, probed.series)))
        if isinstance(probed, Measured)
        else probed
        for probed in base.probes
    )
    return dataclasses.replace(
        base,
        log=dataclasses.replace(base.log, sources=(f"{HEBREW}/{LONG}.parquet",)),
        mapping={"user": HEBREW, "item": CHINESE, "timestamp": "ts", "category": WORDY},
        probes=probes,
    )


def _renamed(series: Series) -> Series:
    if series.name.endswith(("by category", "by_segment")):
        unit = series.unit_y
        return shown(series.name, dict.fromkeys(NAMES, 0.05), 0.01 if series.low else 0, unit)
    if series.name.startswith("path_"):
        pairs = [f"{a} → {b}" for a, b in pairwise(NAMES)][: len(series.x)]
        return dataclasses.replace(series, x=tuple(pairs))
    return series
