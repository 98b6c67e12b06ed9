"""JSON is the truth: it holds everything, reads back, and is the same bytes for the same result."""

from __future__ import annotations

import dataclasses
import json
import math
import pathlib

import numpy as np
import pytest
from example import HOSTILE, OUTCOMES, hostile, not_measurable, recency_is_enough

from diagnose.errors import UsageError
from diagnose.report import parse_json, render_html, render_json
from diagnose.results import Estimate, Measured, Skipped, Statement

EVERY = {**OUTCOMES, "hostile": hostile}


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_json_survives_the_round_trip(make):
    """Reading a result's JSON and writing it again gives the same bytes and the same page."""
    result = make()
    again = parse_json(render_json(result))
    assert render_json(again) == render_json(result)
    assert render_html(again) == render_html(result)
    assert again == result


def test_every_field_is_in_the_json():
    """Each field of each record that a result holds is a key of its JSON: the contract leaves nothing out."""
    document = json.loads(render_json(recency_is_enough()))
    assert set(document) == {field.name for field in dataclasses.fields(recency_is_enough())}
    assert set(document["capture"]["statements"][0]) == {
        field.name for field in dataclasses.fields(Statement)
    }
    assert document["schema_version"] == 1


def test_probes_have_one_shape():
    """A skipped probe has the keys of a measured one, its status and a reason; a measured one has none."""
    measured, skipped = (
        json.loads(render_json(make()))["probes"] for make in (recency_is_enough, not_measurable)
    )
    keys = {"name", "condition", "status", "reason", "users", "estimates", "series"}
    assert all(set(probe) == keys for probe in (*measured, *skipped))
    assert {probe["status"] for probe in skipped} == {"skipped"}
    assert all(probe["reason"] for probe in skipped)
    assert measured[0]["status"] == "measured"
    assert measured[0]["reason"] is None


def test_keys_are_sorted_and_text_is_ascii():
    """Keys come in order at every depth and no byte of a log's name can command a terminal."""
    text = render_json(hostile())
    assert text.isascii()
    assert "\x1b" not in text
    pairs = json.loads(
        text, object_pairs_hook=lambda found: [key for key, _ in found] == sorted(k for k, _ in found)
    )
    assert pairs is True


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, np.float64("nan")])
def test_no_number_is_null(bad):
    """What is not a number becomes null, reads back as such, and never shows as nan or inf on the page."""
    base = recency_is_enough()
    odd = Measured(
        name="interest_persistence",
        condition="drift",
        users=np.int64(7),
        estimates={  # type: ignore[arg-type]
            "half_life_days": Estimate(value=bad, low=3.0, high=bad, unit="days"),
            "drift_share": Estimate(value=0.4, low=bad, high=bad, unit="share"),
        },
    )
    result = dataclasses.replace(base, probes=(odd, *base.probes[3:]))
    document = json.loads(render_json(result), parse_constant=lambda name: pytest.fail(name))
    assert document["probes"][0]["estimates"]["half_life_days"]["value"] is None
    assert document["probes"][0]["users"] == 7
    page = render_html(result)
    assert render_html(parse_json(render_json(result))) == page
    for word in (">nan", " nan", "inf ", ">inf", "NaN", "Infinity"):
        assert word not in page
    assert "at least 3.0" in page


def test_later_keys_are_passed_over():
    """A key that a later version added does not keep this one from reading the rest."""
    document = json.loads(render_json(recency_is_enough()))
    document["weather"] = {"sunny": True}
    document["trial"]["arms"][0]["mood"] = 3
    assert parse_json(json.dumps(document)) == recency_is_enough()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "null",
        "{}",
        '{"schema_version": 99}',
        '{"schema_version": 1}',
        '{"schema_version": true}',
        '{"schema_version": "1"}',
        "[" * 100_000,
    ],
    ids=[
        "empty",
        "text",
        "list",
        "null",
        "no version",
        "later version",
        "no result",
        "bool",
        "string",
        "deep",
    ],
)
def test_anything_else_is_a_usage_error(text):
    """A file that is no result of ours is refused in our own words."""
    with pytest.raises(UsageError, match=r"(?i)json|result"):
        parse_json(text)


def test_a_wrong_word_is_refused():
    """An outcome or a number of the wrong kind does not slip through."""
    for place, value in (
        ("outcome", "buy_more_gpus"),
        ("headline", 7),
        ("reasons", {"a": 1}),
        ("reasons", [3]),
    ):
        document = json.loads(render_json(recency_is_enough()))
        document["verdict"][place] = value
        with pytest.raises(UsageError):
            parse_json(json.dumps(document))


def test_hostile_names_are_kept_whole():
    """JSON keeps what the log said to the letter; only the page shortens it."""
    assert parse_json(render_json(hostile())).mapping["category"] == HOSTILE[-1]


def test_what_has_no_place_is_refused():
    """A value that JSON does not know stops the writing instead of being spelt somehow."""
    with pytest.raises(TypeError, match="set"):
        render_json(dataclasses.replace(recency_is_enough(), settings={"odd": {1, 2}}))


def test_skipped_reads_back_as_skipped():
    """A probe that was skipped is not mistaken for one that measured nothing."""
    again = parse_json(render_json(not_measurable()))
    assert all(isinstance(probed, Skipped) for probed in again.probes)


def test_the_schema_page_names_every_key():
    """docs/report_schema.md has a word for each key that a result's JSON can hold."""
    page = (pathlib.Path(__file__).parents[2] / "docs" / "report_schema.md").read_text(encoding="utf-8")

    def keys(value):
        if isinstance(value, dict):
            named = {"settings", "mapping", "estimates", "arms", "stages"}
            yield from value
            for key, item in value.items():
                yield from () if key in named and isinstance(item, dict) else keys(item)
        elif isinstance(value, list):
            for item in value:
                yield from keys(item)

    documents = [json.loads(render_json(make())) for make in OUTCOMES.values()]
    missing = {
        key
        for document in documents
        for key in keys(document)
        if f"`{key}`" not in page and f'"{key}"' not in page
    }
    assert not missing
