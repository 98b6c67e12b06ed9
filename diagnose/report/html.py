"""Result to one HTML page that opens offline: no script, no request, no markup out of a log.

A page is always drawn from the JSON, so `diagnose render` on a kept .json gives the same page. Four
things keep a hostile log from speaking: `strings.cleaned` spells out unseen characters, Jinja escapes
every value, svg.py builds with `Markup`, and the page's own policy forbids everything but its one style.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

import jinja2
from markupsafe import Markup

from diagnose import formatting
from diagnose.report import glossary, typeset, units, words
from diagnose.report.contract import parse_json, render_json
from diagnose.report.sections.capture import capture
from diagnose.report.sections.drift import drift
from diagnose.report.sections.first import first
from diagnose.report.sections.method import method
from diagnose.report.sections.trial import trial
from diagnose.report.strings import cleaned
from diagnose.results import Result


def render_html(result: Result) -> str:
    """The whole report of a result as one HTML page."""
    drawn = cleaned(parse_json(render_json(result)))
    return _page(drawn, drift=drift(drawn), capture=capture(drawn), trial=trial(drawn), method=method(drawn))


def render_notebook(result: Result) -> str:
    """The first screen of the report in a frame of its own, so that its style and a notebook's do not meet.

    A notebook keeps what it shows: the rest, ten times as much, is for `write` and `to_html`.
    """
    frame = Markup(
        '<iframe title="diagnose" width="100%" height="900" frameborder="0" sandbox="" srcdoc="{}"></iframe>'
    )
    return str(frame.format(_page(cleaned(parse_json(render_json(result))))))


def _page(drawn: Result, **sections: object) -> str:
    """A page: the first screen, and the sections that are given."""
    page = environment().get_template("page.html.j2")
    return page.render(
        result=drawn,
        first=first(drawn),
        sections=sections,
        words=words,
        glossary=glossary,
        style=style(),
        policy=policy(),
        **sections,
    )


@cache
def style() -> Markup:
    """The one style sheet, ours alone, hence not escaped."""
    sheet = resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    return Markup(sheet.strip())  # noqa: S704


@cache
def policy() -> str:
    """The content security policy: nothing is loaded or run, and only this very style applies."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def sentence(text: str) -> str:
    """A phrase as a sentence: a capital first, a full stop last."""
    ended = text if text.endswith((".", "!", "?")) else f"{text}."
    return ended[:1].upper() + ended[1:]


@cache
def environment() -> jinja2.Environment:
    """Templates that escape everything and stop at a name that is not there."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("diagnose.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        count=formatting.count,
        percent=formatting.percent,
        interval=formatting.interval,
        estimate=units.whole,
        sentence=sentence,
        bound=typeset.bound,
        named=typeset.isolated,
    )
    return made
