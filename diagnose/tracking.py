"""A diagnosis as a run of MLflow: the one door to it, and to its network only because somebody asked.

What is logged is in the result's JSON already, under names that stay (docs/mlflow.md): settings and columns
as parameters, the numbers that carry a verdict as metrics, the outcome as tags, both reports as artifacts.
Where a run goes is MLflow's own business: its environment variables, or `mlflow.set_tracking_uri()`.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from diagnose.errors import UsageError
from diagnose.formatting import printable
from diagnose.report import render_html, render_json
from diagnose.results import Contrast, Estimate, Measured, Result

ESTIMATES = {  # the probes' numbers that the verdict reads; all others are in the JSON artifact
    "order_information": ("total", "recency", "direction", "share"),
    "item_order_information": ("gain",),
    "interest_persistence": ("drift_share", "half_life_days", "half_life_events"),
}
COUNTS = ("events", "users", "items", "categories", "users_with_history", "sampled_users")
BATCH = 100  # parameters a request: MLflow takes no more
LONGEST = 500  # characters of a parameter or tag: servers of old versions take no more
INSTALL = 'pip install "scenario-fit[mlflow]"'
ELSEWHERE = (
    "MLFLOW_TRACKING_URI=http://host:5000 for a server, or pip install mlflow for a database of your own"
)


def ready() -> None:
    """Raises UsageError where MLflow is not installed or its store does not answer: before a log is read."""
    mlflow = _mlflow()
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # seconds, not the minutes of its default
    with _told(mlflow):
        mlflow.MlflowClient().search_experiments(max_results=1)


def log(result: Result, *, run_name: str | None = None) -> str:
    """Log a result to the active run of MLflow, or to a new one that is ended here; returns the run's id.

    Raises UsageError where MLflow is not installed, does not answer or does not take what is logged.
    """
    mlflow = _mlflow()
    with _told(mlflow), contextlib.ExitStack() as held:
        run = mlflow.active_run() or held.enter_context(mlflow.start_run(run_name=run_name or "diagnose"))
        given = list(parameters(result).items())
        for start in range(0, len(given), BATCH):
            mlflow.log_params(dict(given[start : start + BATCH]))
        mlflow.log_metrics(metrics(result))
        mlflow.set_tags(tags(result))
        mlflow.log_text(render_html(result), "diagnosis.html")
        mlflow.log_text(render_json(result), "diagnosis.json")
    return str(run.info.run_id)


def parameters(result: Result) -> dict[str, str]:
    """`settings.trial.budget`, `column.user` and the like, as text."""
    columns = {f"column.{role}": _short(name) for role, name in result.mapping.items()}
    return {**columns, **dict(_flat("settings", json.loads(render_json(dict(result.settings)))))}


def metrics(result: Result) -> dict[str, float]:
    """What carries the verdict: `trial/lift`, `trial/lift_low`, `trial/lift_high` and so on; finite ones."""
    found: dict[str, float | None] = {f"log/{name}": getattr(result.log, name) for name in COUNTS}
    for name, wanted in ESTIMATES.items():
        probed = result.probe(name)
        if isinstance(probed, Measured):
            for of in wanted:
                found |= _interval(f"{name}/{of}", probed.estimates.get(of))
    found |= {"capture/low": result.capture.low, "capture/high": result.capture.high}
    for arm in result.trial.arms:
        found |= _interval(f"arms/{arm.name}_gauc", arm.gauc)
    for contrast in result.trial.contrasts:
        found |= _interval(f"trial/{contrast.name}", contrast)
    found["trial/minimal_detectable_lift"] = result.trial.minimal_detectable_lift
    found["seconds/total"] = result.timings.total
    return {name: float(value) for name, value in found.items() if value is not None and math.isfinite(value)}


def tags(result: Result) -> dict[str, str]:
    """The outcome and what it is of."""
    verdict = result.verdict
    told = {
        "outcome": verdict.outcome,
        "arm": verdict.arm,
        "leaning": verdict.leaning,
        "headline": verdict.headline,
        "version": result.tool.version,
        "fingerprint": result.log.fingerprint,
        "trial": result.trial.status,
        "capture_grade": result.capture.grade,
    }
    return {f"diagnose.{name}": _short(text) for name, text in told.items() if text}


def _interval(name: str, found: Estimate | Contrast | None) -> dict[str, float | None]:
    if found is None:
        return {}
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """A tree of settings as dotted names and text."""
    if isinstance(value, Mapping):
        for inner, item in value.items():
            yield from _flat(f"{name}.{inner}", item)
    else:
        yield name, _short(value if isinstance(value, str) else json.dumps(value))


def _short(text: str) -> str:
    return printable(text, longest=LONGEST - 1)


def _mlflow() -> Any:
    """MLflow, with its own usage statistics off unless somebody has chosen."""
    if "mlflow" not in sys.modules:
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    try:
        import mlflow
    except ImportError as error:
        raise UsageError("MLflow is not installed.", seen=str(error), attempt=INSTALL) from error
    return mlflow


@contextlib.contextmanager
def _told(mlflow: Any) -> Iterator[None]:
    """What MLflow says as an error of ours, without the passwords of its addresses."""
    from diagnose.engine.addresses import redacted

    try:
        yield
    except (mlflow.MlflowException, OSError) as error:  # requests' errors are OSErrors
        told = " ".join(str(error).split())
        seen = f"{redacted(told)[:LONGEST]} (tracking: {redacted(mlflow.get_tracking_uri())})"
        raise UsageError("MLflow did not take the diagnosis.", seen=seen, attempt=ELSEWHERE) from error
