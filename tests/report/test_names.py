"""No name of a log is obeyed, and none of too few users is told."""

from __future__ import annotations

import json

from poisoned import ATTACKS, RARE_CATEGORY, RARE_EVENT

from diagnose.settings import Settings


def test_a_rare_name_is_nowhere(poisoned_log):
    """A category and a kind of event of 15 users appear in no output, though a panel names the category."""
    page, document = (path.read_text(encoding="utf-8") for path in (poisoned_log.page, poisoned_log.document))
    for shown in (page, document, poisoned_log.screen):
        assert RARE_CATEGORY not in shown
        assert RARE_EVENT not in shown
    (panel,) = [probe for probe in json.loads(document)["probes"] if probe["name"] == "panel"]
    assert panel["status"] == "measured"
    assert panel["series"][0]["x"][-1] == "other segments"
    assert "Running shoes" in page  # a common one is


def test_whoever_may_be_named_has_twenty_users():
    """Every setting that lets a probe call a category by its name asks for at least as many users."""
    settings = Settings()
    asked = (
        settings.paths.minimum_users,
        settings.order.segment_users,
        settings.hygiene.minimum_users,
        settings.naming.named_users,
    )
    assert min(asked) >= 20


def test_the_terminal_and_the_json_hold_no_command(poisoned_log):
    """What goes to the terminal is plain, and the JSON is ASCII: names are data there."""
    assert "\x1b" not in poisoned_log.screen
    assert poisoned_log.document.read_text(encoding="utf-8").isascii()
    assert any(attack in poisoned_log.page.name or "img" in poisoned_log.page.name for attack in ATTACKS)
