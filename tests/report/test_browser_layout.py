"""What a reader sees from a phone to a desk and on paper: no word on another, nothing cut off."""

from __future__ import annotations

import io
import re
import unicodedata

import pytest
from pages import PAGES

from benchmarks.browsing import opened

pytestmark = pytest.mark.browser

WIDTHS = (320, 360, 600, 761, 1021, 1280)
PAPER = 688  # CSS pixels between the margins of an A4 page
LOOK = """
open => {
  document.querySelectorAll('details').forEach(fold => { fold.open = open; });
  const found = [], boxes = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const home = node.parentElement;
    if (!node.data.trim() || !home.checkVisibility() || home.closest('.skip, style, .scroll')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const cut = home.closest('.name, .mono');  // long names end there, on purpose
    const frame = cut ? cut.getBoundingClientRect() : {left: -1e9, right: 1e9, top: -1e9, bottom: 1e9};
    for (const whole of range.getClientRects()) {
      const left = Math.max(whole.left, frame.left), right = Math.min(whole.right, frame.right);
      const top = Math.max(whole.top, frame.top), bottom = Math.min(whole.bottom, frame.bottom);
      const box = {left, right, top, bottom};
      if (right - left > 1 && bottom - top > 4) boxes.push({words: node.data.trim().slice(0, 40), home, box});
    }
  }
  boxes.sort((a, b) => a.box.top - b.box.top);
  boxes.forEach(({words, home, box: a}, i) => {
    if (a.right > innerWidth + 1 || a.left < -1) found.push(`"${words}" is cut off`);
    for (let j = i + 1; j < boxes.length && boxes[j].box.top < a.bottom - 3; j++) {
      const b = boxes[j].box;
      if (boxes[j].home === home) continue;
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      if (across > 1 && Math.min(a.bottom, b.bottom) - b.top > 4) {
        found.push(`"${words}" on "${boxes[j].words}"`);
      }
    }
  });
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 1) found.push(`the page is ${wide} px too wide`);
  return [boxes.length, [...new Set(found)].slice(0, 8)];
}
"""


@pytest.mark.parametrize("name", PAGES)
def test_no_word_lies_on_another(browser, page_of, name):
    """At every width, folded and open, all words keep apart and inside the page; no page scrolls sideways."""
    found = {}
    with opened(browser, page_of(name)) as watched:
        for width in WIDTHS:
            watched.page.set_viewport_size({"width": width, "height": 900})
            for unfolded in (False, True):
                seen, faults = watched.page.evaluate(LOOK, unfolded)
                assert seen > 100
                if faults:
                    found[width, unfolded] = faults
    assert not found


@pytest.mark.parametrize("name", sorted(set(PAGES) - {"hostile"}))  # whose sentences fill pages by themselves
def test_paper_holds_the_whole_report(browser, page_of, name):
    """On A4 the first page is the summary, every heading is there, and no words collide or are cut."""
    pypdf = pytest.importorskip("pypdf", reason="the extra `browser` is not installed")
    with opened(browser, page_of(name), color_scheme="dark") as watched:
        page = watched.page
        headings = [words for words in page.locator("h1, h2, h3").all_inner_texts() if _left_to_right(words)]
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
        page.emulate_media(media="print", color_scheme="dark")
        page.set_viewport_size({"width": PAPER, "height": 1000})
        _, faults = page.evaluate(LOOK, False)
        colours = page.evaluate("[getComputedStyle(document.body)].map(s => [s.backgroundColor, s.color])[0]")
    sheets = pypdf.PdfReader(io.BytesIO(printed)).pages
    texts = [_plain(sheet.extract_text()) for sheet in sheets]
    assert {(round(float(s.mediabox.width)), round(float(s.mediabox.height))) for s in sheets} <= {
        (595, 842),
        (596, 842),
        (595, 841),
    }
    assert 2 <= len(sheets) <= 14
    assert all(_plain(words) in texts[0] for words in ("What would flip the verdict", "What to do next"))
    assert "Condition1" not in texts[0]
    assert "Condition1" in texts[1]
    missing = [words for words in headings if _plain(words) not in "".join(texts)]
    assert (missing, faults) == ([], [])
    assert colours == ["rgb(255, 255, 255)", "rgb(22, 25, 29)"]


def _left_to_right(words: str) -> bool:
    """Whether a PDF's text has these words in the order in which they are read."""
    return bool(words.strip()) and not {"R", "AL"} & {unicodedata.bidirectional(letter) for letter in words}


def _plain(words: str) -> str:
    """Without the spaces and line breaks that a PDF puts anywhere, and without its ligatures."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", words))


def test_a_collision_would_be_seen(browser, tmp_path, page_of):
    """The look finds words that were put on one another on purpose, and a page that is too wide."""
    text = page_of("recency_is_enough").read_text(encoding="utf-8")
    spoilt = re.sub(r"(<text[^>]*) y=\"[^\"]*\"", r'\1 y="40"', text)
    spoilt = spoilt.replace("<footer>", '<svg width="4000" height="9"></svg><footer>')
    path = tmp_path / "spoilt.html"
    path.write_text(spoilt, encoding="utf-8")
    with opened(browser, path) as watched:
        _, faults = watched.page.evaluate(LOOK, False)
    assert any(" on " in fault for fault in faults)
