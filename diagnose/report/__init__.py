"""The report: a result as HTML, as JSON, and as a few lines for a terminal.

Results are drawn, never judged, here: words and pictures only. docs/report_schema.md is the contract.
"""

from diagnose.report.contract import parse_json, render_json
from diagnose.report.files import write
from diagnose.report.html import render_html, render_notebook
from diagnose.report.strings import visible
from diagnose.report.summary import summary_rows

__all__ = ["parse_json", "render_html", "render_json", "render_notebook", "summary_rows", "visible", "write"]
