"""What a reader would see in a real browser, from a phone to a desk: no word on another, nothing cut off."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess

import pytest
from example import OUTCOMES, hostile

from diagnose.report import render_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDTHS = (320, 360, 600, 761, 1021, 1280)
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1400,2000",
    "--virtual-time-budget=5000",
)
LOOK = """
const found = [];
for (const svg of document.querySelectorAll('svg[role=img]')) {
  const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()])
    .filter(([, b]) => b.width > 0);
  boxes.forEach(([one, a], i) => boxes.slice(i + 1).forEach(([two, b]) => {
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 1 && down > 3) found.push(`"${one}" on "${two}"`);
  }));
  boxes.forEach(([one, a]) => {
    if (a.right > innerWidth + 1 || a.left < -1) found.push(`"${one}" is cut off`);
  });
}
const wide = document.documentElement.scrollWidth - innerWidth;
if (wide > 1) {
  const sticks = [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + '.' + e.className);
  found.push(`the page is ${wide} px too wide: ${sticks.slice(0, 4)}`);
}
parent.postMessage(JSON.stringify(found), '*');
"""


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize(
    "outcome", ["recency_is_enough", "use_sequence_model", "keep_order_blind_model", "hostile"]
)
def test_no_word_lies_on_another(outcome, tmp_path):
    """At every width the words of a drawing keep apart and inside the page, and no page scrolls sideways."""
    page = re.sub(
        r'<meta http-equiv="Content-Security-Policy"[^>]*>',
        "",
        render_html({**OUTCOMES, "hostile": hostile}[outcome]()),
    )
    page = page.replace("</body>", f"<script>onload = () => {{{LOOK}}}</script></body>")
    frames = "".join(
        f'<iframe name="{width}" width="{width}" height="6000" srcdoc="{html.escape(page)}"></iframe>'
        for width in WIDTHS
    )
    listen = (
        "const seen = {}; onmessage = e => {"
        "seen[[...frames].find(f => f.contentWindow === e.source).name] = JSON.parse(e.data);"
        "document.title = JSON.stringify(seen); }"
    )
    outer = tmp_path / "frames.html"
    script = f"<script>const frames = document.getElementsByTagName('iframe'); {listen}</script>"
    outer.write_text(f"<!doctype html><title>none</title>{script}<body>{frames}</body>", encoding="utf-8")
    ran = subprocess.run(
        [CHROMIUM, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", outer.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    title = re.search(r"<title>(.*?)</title>", ran.stdout, re.DOTALL)
    seen = json.loads(html.unescape(title[1])) if title else {}
    assert set(seen) == set(map(str, WIDTHS))
    assert not {width: found for width, found in seen.items() if found}
