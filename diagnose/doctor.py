"""What `diagnose doctor` looks at: versions, the machine, the engines, where networks train.

Meant to be pasted into a report of a bug: no path, no name of a user or a machine is in it.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from diagnose import __version__, machine
from diagnose.checks import Check, installed
from diagnose.engine import checks as engine_checks
from diagnose.trial import checks as trial_checks

NEEDED = (
    *("torch", "duckdb", "pyarrow", "pandas", "numpy", "scipy", "statsmodels", "scikit-learn"),
    *("click", "rich", "jinja2"),
)
USED_IF_THERE = ("polars", "pyspark", "fsspec", "s3fs", "gcsfs", "aiohttp", "mlflow-skinny", "ipython")


def examine(reports: Path) -> tuple[Check, ...]:
    """Every check. `reports` is the folder that reports would go to."""
    return (
        Check(name="diagnose", told=__version__),
        Check(name="python", told=f"{platform.python_implementation()} {platform.python_version()}"),
        Check(name="system", told=f"{platform.system()} {platform.release()}, {platform.machine()}"),
        *packages(),
        *machine.checks(reports),
        *engine_checks.checks(),
        *trial_checks.checks(),
    )


def packages() -> Iterator[Check]:
    """What is installed: a line for what is needed, a line for what is used where it is there."""
    found = {name: installed(name) for name in (*NEEDED, *USED_IF_THERE)}
    told = [", ".join(_named(name, found[name]) for name in NEEDED if found[name])]
    missing = [name for name in NEEDED if found[name] is None]
    yield Check(
        name="packages",
        state="problem" if missing else "ok",
        told=told[0] + (f"; missing: {', '.join(missing)}" if missing else ""),
        attempt="pip install scenario-fit, with its constraints (README)" if missing else "",
    )
    extras = [_named(name, found[name]) for name in USED_IF_THERE if found[name]]
    yield Check(name="extras", told=", ".join(extras) or "none")


def broken(checks: Sequence[Check]) -> bool:
    """Whether something is not there that no run can do without."""
    return any(check.state == "problem" for check in checks)


def document(checks: Sequence[Check]) -> dict[str, object]:
    """All of it for `--json`."""
    return {"well": not broken(checks), "checks": [asdict(check) for check in checks]}


def _named(name: str, version: str | None) -> str:
    return f"{name} {version}"
