"""The command line that gives a result again, out of what the result repeats of its options."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from diagnose.report.sections import views
from diagnose.results import Result
from diagnose.settings import Settings

_PLACES: dict[str, tuple[str, str]] = {  # option: its place in the settings
    "--users": ("sample", "users"),
    "--sampled-fraction": ("sample", "declared_fraction"),
    "--loss-pattern": ("capture", "loss_pattern"),
    "--panel": ("capture", "panel"),
    "--budget": ("trial", "budget"),
    "--minimum-lift": ("trial", "minimum_lift"),
    "--repeats": ("trial", "repeats"),
    "--device": ("trial", "device"),
}
_SEVERAL: dict[str, tuple[str, str]] = {  # the same, given once for each
    "--handoff": ("capture", "handoffs"),
    "--second-log": ("capture", "second_logs"),
}


def again(result: Result) -> str:
    """What to type for the same numbers: log, columns, and options that differ from their defaults.

    Empty where the log was handed over in Python. Folders and engine options, which change no number, are
    left out.
    """
    sources = result.log.sources
    if not sources or sources == ("a frame",):
        return ""
    columns = [f"--column {shlex.quote(f'{role}={name}')}" for role, name in sorted(result.mapping.items())]
    logs = [shlex.quote(source) for source in sources]
    return " ".join(["diagnose analyze", *logs, *columns, *_options(result)])


def _options(result: Result) -> Iterator[str]:
    usual = Settings()
    for option, (room, name) in _PLACES.items():
        found = views.setting(result, room, name)
        missing = found is None and name != "users"
        if not missing and found != getattr(getattr(usual, room), name):
            yield f"{option} {shlex.quote('all' if found is None else str(found))}"
    for option, (room, name) in _SEVERAL.items():
        yield from (f"{option} {shlex.quote(str(each))}" for each in _listed(result, room, name))
    if funnel := _listed(result, "capture", "funnel"):
        yield f"--funnel {shlex.quote(','.join(map(str, funnel)))}"
    low, high = (views.setting(result, "capture", f"declared_{end}") for end in ("low", "high"))
    if low is not None:
        yield f"--capture-rate {low}" if low == high else f"--capture-rate {low}:{high}"
    if (target := views.setting(result, "target_event")) is not None:
        yield f"--target {shlex.quote(str(target))}"
    if views.setting(result, "trial", "run") is False:
        yield "--no-trial"
    if result.seed:
        yield f"--seed {result.seed}"


def _listed(result: Result, room: str, name: str) -> list[object]:
    found = views.setting(result, room, name)
    return list(found) if isinstance(found, (list, tuple)) else []
