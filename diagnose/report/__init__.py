"""The report: a result as HTML, as JSON, and as a few lines for a terminal.

Results are drawn, never judged, here: words and pictures only. docs/report_schema.md is the contract.
"""

from diagnose.report.contract import parse_json, render_json
from diagnose.report.files import write, write_json
from diagnose.report.html import render_html, render_notebook
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
    "ARM_HEAD",
    "CONTRAST_HEAD",
    "Summary",
    "arm_rows",
    "contrast_rows",
    "parse_json",
    "render_html",
    "render_json",
    "render_notebook",
    "summary",
    "trial_facts",
    "trial_headline",
    "trial_notes",
    "visible",
    "write",
    "write_json",
]
