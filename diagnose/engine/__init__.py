"""Streams of histories: DuckDB embedded, Spark for logs that outgrow it. The only room with a database."""

from diagnose.engine.forecast import Estimate, LogSize, estimate, forecast
from diagnose.engine.log import Collected, Listener, Log, collect
from diagnose.engine.opening import open_log, read
from diagnose.engine.options import EngineOptions, parse_memory
from diagnose.engine.outside import read_panel, read_second_log
from diagnose.engine.reader import Tally

__all__ = [
    "Collected",
    "EngineOptions",
    "Estimate",
    "Listener",
    "Log",
    "LogSize",
    "Tally",
    "collect",
    "estimate",
    "forecast",
    "open_log",
    "parse_memory",
    "read",
    "read_panel",
    "read_second_log",
]
