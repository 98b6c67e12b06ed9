"""Text out of a log stays text in GitHub-flavoured Markdown, wherever it stands."""

from __future__ import annotations

import html
import re

import pytest
from example import HOSTILE
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from diagnose.report.github import EMPTY, bullets, code, plain, table
from diagnose.report.strings import visible

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])
LINKED = re.compile(  # what GitHub turns into links in finished text
    r"@[\w-]|#\d|\bgh-\d|://|\bwww\.|:[\w+-]+:|(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])", re.IGNORECASE
)
MARKUP = list("`*_~|\\<>&![](){}#-+=/.:@$\"'^x1")
SPACES = [*" \n\t\x0b\x1c\x85\u2028\u200b\u00a0", "  ", "    ", "\n\n", "\r\n"]
LINKS = ["@octocat", "#123", "GH-7", "a/b#4", "http://x.y", "www.x.y", "a@b.co", ":smile:", "deadbeef" * 5]
BLOCKS = ["1. ", "1)", "- [ ] ", "> ", "```", "---", "| --- |", "[x]: y", "[^1]", "/close", "==="]
INLINE = [
    "**",
    "~~",
    "$$",
    "\\|",
    "\\\\",
    "&#42;",
    "&lt;",
    "<b>",
    "<!--",
    "-->",
    "[x](y)",
    "![x](y)",
    "<http://x>",
]
PIECES = st.one_of(
    st.sampled_from([*MARKUP, *SPACES, *LINKS, *BLOCKS, *INLINE, "1234567"]), st.text(max_size=4)
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def shown(inline) -> str:
    """The text of a paragraph or cell, which must hold nothing but text."""
    assert {token.type for token in inline.children} <= {"text", "text_special"}, inline.content
    return "".join(token.content for token in inline.children)


def said(text: str) -> str:
    return re.sub(" +", " ", visible(text, longest=len(text))).strip()


def blocks(document: str) -> list[str]:
    return [token.type for token in GITHUB.parse(document) if token.nesting >= 0]


@settings(max_examples=400, deadline=None)
@given(TEXTS)
@example("\\|")
@example("a\\")
@example("1.")
@example("- [ ] x")
@example("www.x.y/http://@a")
def test_text_is_text_everywhere(text):
    """As a paragraph, a heading, an item and a cell, any text is that text and no markup."""
    safe = plain(text)
    assert "\n" not in safe
    for before, kind in (
        ("", ["paragraph_open"]),
        ("## ", ["heading_open"]),
        ("- ", LIST),
        ("1. ", NUMBERED),
    ):
        tokens = GITHUB.parse(f"{before}{safe}\n")
        inline = [token for token in tokens if token.type == "inline"]
        if not said(text):
            continue
        assert [token.type for token in tokens if token.nesting >= 0] == [*kind, "inline"]
        assert shown(inline[0]).replace(EMPTY, "") == said(text)
    cells = [token for token in GITHUB.parse(table(("a", "b"), [(safe, "z")])) if token.type == "inline"]
    assert [shown(cell).replace(EMPTY, "") for cell in cells] == ["a", "b", said(text), "z"]


LIST = ["bullet_list_open", "list_item_open", "paragraph_open"]
NUMBERED = ["ordered_list_open", "list_item_open", "paragraph_open"]


@settings(max_examples=400, deadline=None)
@given(TEXTS)
@example("@octocat and #123, GH-5, x@y.z, http://a.b www.a.b :tada: 0123456789abcdef0123456789abcdef01234567")
def test_finished_text_makes_no_link(text):
    """Mentions, numbers, addresses, emoji and hashes are broken in what a reader sees."""
    assert not LINKED.search(html.unescape(re.sub(r"\\([!-/:-@[-`{-~])", r"\1", plain(text))))


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_code_holds_identifiers_only(text):
    """What is no identifier is text, so no backtick of a log closes the code."""
    made = code(text)
    assert made in (f"`{text}`", plain(text))
    assert (made == f"`{text}`") == bool(re.fullmatch(r"[A-Za-z0-9_.]+", text))


@pytest.mark.parametrize("attack", HOSTILE, ids=range(len(HOSTILE)))
def test_attacks_on_the_page_are_text_here_too(attack):
    """What the HTML tests throw at the page is shown and not obeyed."""
    (inline,) = (token for token in GITHUB.parse(bullets([plain(attack)])) if token.type == "inline")
    assert shown(inline).replace(EMPTY, "") == said(attack)


def test_ordinary_words_stay_readable():
    """A number, an option and a range carry no escape."""
    for text in ("+0.0817 GAUC (+0.0771 to +0.0863)", "2.3 days", "--budget quick takes minutes", "0.05:0.2"):
        assert plain(text) == text
