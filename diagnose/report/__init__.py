"""The report: a result as HTML, as JSON, and as a few lines for a terminal.

Results are drawn, never judged, here: words and pictures only. docs/report_schema.md is the contract.
"""

from diagnose.report.comparison_summary import (
    APART_HEAD,
    CHANGED_HEAD,
    COMPARED_HEAD,
    apart_rows,
    changed_rows,
    compared_rows,
    comparison_markdown,
    side_rows,
)
from diagnose.report.contract import parse_json, render_json
from diagnose.report.files import write, write_json
from diagnose.report.html import render_html, render_notebook
from diagnose.report.json_schema import render_schema, result_schema
from diagnose.report.kept import read_results, redraw
from diagnose.report.markdown import render_markdown
from diagnose.report.strings import visible
from diagnose.report.summary import Summary, summary
from diagnose.report.trial_summary import (
    ARM_HEAD,
    CONTRAST_HEAD,
    arm_rows,
    contrast_rows,
    trial_facts,
    trial_headline,
    trial_notes,
)

__all__ = [
    "APART_HEAD",
    "ARM_HEAD",
    "CHANGED_HEAD",
    "COMPARED_HEAD",
    "CONTRAST_HEAD",
    "Summary",
    "apart_rows",
    "arm_rows",
    "changed_rows",
    "compared_rows",
    "comparison_markdown",
    "contrast_rows",
    "parse_json",
    "read_results",
    "redraw",
    "render_html",
    "render_json",
    "render_markdown",
    "render_notebook",
    "render_schema",
    "result_schema",
    "side_rows",
    "summary",
    "trial_facts",
    "trial_headline",
    "trial_notes",
    "visible",
    "write",
    "write_json",
]
