"""Streams of histories: DuckDB embedded. The only room that knows a database."""

from diagnose.engine.connection import EngineOptions
from diagnose.engine.forecast import Estimate, LogSize, estimate, forecast
from diagnose.engine.log import Collected, DuckLog, Listener, open_log, read

__all__ = [
    "Collected",
    "DuckLog",
    "EngineOptions",
    "Estimate",
    "Listener",
    "LogSize",
    "estimate",
    "forecast",
    "open_log",
    "read",
]
