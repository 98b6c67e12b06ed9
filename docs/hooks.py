"""What the site needs beyond its pages: files that lie outside docs/, the list of decisions, and a last look.

mkdocs calls these functions by their names. Pages stay as GitHub shows them; links are turned here.
"""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
DECISIONS = "decisions/README.md"
OUTSIDE = {  # pages of the site that are files of the repository's root
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "sample_logs/README.md": "sample_logs.md",
    "examples/first_look.ipynb": "first_look.md",
}
LIST = re.compile(r"(?:[*+-]|\d+[.])\s")
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#:\s]+)(#[^)\s]*)?\)")
ASSET = re.compile(
    r"<(?:script|img|iframe|source|video|audio|object|embed|link)\b[^>]*?\b(?:src|href|data)=[\"']?"
    r"((?:https?:)?//[^\"'\s>]*)"
)


def on_config(config: Any) -> Any:
    """Lists the decision pages in the navigation, so that a new one needs no line there."""
    pages = [{title(path): f"decisions/{path.name}"} for path in decisions()]
    for entry in config["nav"]:
        if "Decisions" in entry:
            entry["Decisions"] = [DECISIONS, *pages]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Adds the pages that are no files of docs/."""
    from mkdocs.structure.files import File

    for source, page in OUTSIDE.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        text = notebook(text) if source.endswith(".ipynb") else turned(spaced(text), source, page)
        files.append(File.generated(config, page, content=text))
    files.append(File.generated(config, DECISIONS, content=index()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Turns links that lead out of docs/: to the site's own copy where there is one, else to plain text."""
    source = page.file.src_uri
    return markdown if source in OUTSIDE.values() else turned(spaced(markdown), f"docs/{source}", source)


def on_post_build(config: Any) -> None:
    """Fails where a page would ask another host for anything."""
    from mkdocs.exceptions import PluginError

    pages = sorted(Path(config["site_dir"]).rglob("*.html"))
    asked = [f"{page.name}: {url}" for page in pages for url in outside(page.read_text(encoding="utf-8"))]
    if asked:
        raise PluginError("Pages ask other hosts for files:\n" + "\n".join(asked))


def outside(html: str) -> list[str]:
    """Addresses of other hosts that a browser would ask while it opens this page; links to click are none."""
    return ASSET.findall(html)


def turned(markdown: str, source: str, page: str) -> str:
    """The Markdown of a file of the repository, with its links as that page of the site needs them."""

    def replaced(link: re.Match[str]) -> str:
        mark, text, target, anchor = link.groups()
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        place = destination(path)
        if place is None:
            return text
        return f"{mark}[{text}]({posixpath.relpath(place, posixpath.dirname(page) or '.')}{anchor or ''})"

    return LINK.sub(replaced, markdown)


def spaced(markdown: str) -> str:
    """What GitHub reads and mkdocs would not: lists and tables right after text, Markdown in <details>."""
    markdown = markdown.replace("<details>", '<details markdown="1">')
    lines: list[str] = []
    fenced, inside, above = False, False, ""
    for line in markdown.split("\n"):
        fenced ^= line.lstrip().startswith("```")
        begins = not fenced and (bool(LIST.match(line)) or line.startswith("|"))
        if begins and not inside and above.strip():
            lines.append("")
        inside = begins or (inside and bool(line.strip()))
        lines.append(line)
        above = line
    return "\n".join(lines)


def destination(path: str) -> str | None:
    """Where a file of the repository is on the site, or None where it is not there."""
    if path in OUTSIDE:
        return OUTSIDE[path]
    if not path.startswith("docs/"):
        return None
    inner = path.removeprefix("docs/")
    return f"{inner}/README.md" if (ROOT / path).is_dir() else inner


def notebook(text: str) -> str:
    """A notebook's cells as Markdown, without its outputs."""
    cells = []
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        cells.append(f"```python\n{source}\n```" if cell["cell_type"] == "code" else source)
    return "\n\n".join(cells) + "\n"


def index() -> str:
    """The page of all decisions."""
    lines = [f"- [{title(path)}]({path.name})" for path in decisions()]
    head = "One page for each threshold and rule: context, choice, evidence, what would change our mind."
    return "\n".join(["# Decisions", "", head, "", *lines, ""])


def decisions() -> list[Path]:
    """The decision pages, by number."""
    return sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def title(page: Path) -> str:
    """The first heading of a page."""
    return page.read_text(encoding="utf-8").split("\n", 1)[0].lstrip("# ").strip()
