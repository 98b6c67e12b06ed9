"""Is a sequence model worth building on our log?

    import diagnose
    diagnosis = diagnose.analyze("logs.parquet", columns={"user": "uid"})
    diagnosis.verdict.outcome, diagnosis.to_html()

What is exported here is loaded when it is first used, so that the command line answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "DiagnoseError",
    "Diagnosis",
    "EngineOptions",
    "LogError",
    "Result",
    "Settings",
    "UsageError",
    "__version__",
    "analyze",
    "run_trial",
]

_HOMES = {
    "analyze": "diagnose.pipeline",
    "run_trial": "diagnose.alone",
    "Diagnosis": "diagnose.diagnosis",
    "EngineOptions": "diagnose.engine",
    "Result": "diagnose.results",
    "Settings": "diagnose.settings",
    "DiagnoseError": "diagnose.errors",
    "LogError": "diagnose.errors",
    "UsageError": "diagnose.errors",
}

if TYPE_CHECKING:
    from diagnose.alone import run_trial
    from diagnose.diagnosis import Diagnosis
    from diagnose.engine import EngineOptions
    from diagnose.errors import DiagnoseError, LogError, UsageError
    from diagnose.pipeline import analyze
    from diagnose.results import Result
    from diagnose.settings import Settings


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'diagnose' has no attribute {name!r}")
