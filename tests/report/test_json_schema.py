"""The published schema is what the writer writes and the reader takes."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from example import OUTCOMES, hostile, recency_is_enough
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from diagnose.errors import UsageError
from diagnose.report import parse_json, render_json, render_schema, result_schema
from diagnose.results import SCHEMA_VERSION

ROOT = Path(__file__).parents[2]
EVERY = {**OUTCOMES, "hostile": hostile}
VALIDATOR = Draft202012Validator(result_schema())
WHOLE = json.loads(render_json(recency_is_enough()))


def test_the_schema_is_one():
    """It is valid by its own draft, and every reference in it leads somewhere."""
    Draft202012Validator.check_schema(result_schema())
    text = render_schema()
    for name in {part.split('"')[0] for part in text.split("#/$defs/")[1:]}:
        assert name in result_schema()["$defs"]


def test_the_page_is_what_the_command_prints():
    """docs/result.schema.json is the schema, byte for byte: `diagnose schema > docs/result.schema.json`."""
    assert (ROOT / "docs" / "result.schema.json").read_text(encoding="utf-8") == render_schema()


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_every_result_is_valid(make):
    """Whatever a result holds, its JSON follows the schema."""
    assert list(VALIDATOR.iter_errors(json.loads(render_json(make())))) == []


def test_the_example_report_is_valid():
    """The report that is shipped follows the schema, written by a real run."""
    document = json.loads((ROOT / "reports" / "example.json").read_text(encoding="utf-8"))
    assert list(VALIDATOR.iter_errors(document)) == []


def test_a_number_may_be_null_and_a_count_may_not():
    """Null stands where a float has no value; counts, words and flags are never null."""
    for path, allowed in (
        (("probes", 0, "estimates", "total", "value"), True),
        (("trial", "arms", 0, "fall"), True),
        (("log", "events"), False),
        (("verdict", "headline"), False),
        (("hygiene", "passed"), False),
        (("verdict", "leaning"), True),
    ):
        assert VALIDATOR.is_valid(_with(path, None)) == allowed, path


def test_later_versions_may_add_keys():
    """An unknown key anywhere is no fault; a later number of the schema is."""
    document = copy.deepcopy(WHOLE)
    for record in (document, document["log"], document["trial"]["arms"][0], document["probes"][0]):
        record["weather"] = "sunny"
    assert VALIDATOR.is_valid(document)
    assert not VALIDATOR.is_valid({**document, "schema_version": SCHEMA_VERSION + 1})


def _with(path, value):
    """The whole document with one place set, or taken away where `value` is ...."""
    document = copy.deepcopy(WHOLE)
    place = document
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


def _paths(value, before=()):
    """Every place, of lists the first three: rows of a list are alike."""
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in list(children)[: 3 if isinstance(value, list) else None]:
        yield (*before, key)
        yield from _paths(child, (*before, key))


PATHS = sorted(_paths(WHOLE), key=lambda path: (path[0], len(path), str(path)))
VALUES = st.sampled_from(
    [..., None, True, 3, -1.5, "x", "shown", [], ["x"], [1.5], [None], {}, {"x": "y"}, {"x": 1}]
)


def _read(document) -> bool:
    try:
        parse_json(json.dumps(document))
    except UsageError:
        return False
    return True


@settings(max_examples=1500, deadline=None)
@given(st.sampled_from(PATHS), VALUES)
def test_schema_and_reader_refuse_alike(path, value):
    """One place broken anywhere: the schema refuses what the reader refuses, and little more."""
    document = _with(path, value)
    valid, read = VALIDATOR.is_valid(document), _read(document)
    if path[0] == "probes" and len(path) == 3:  # the writer always writes seven keys; the reader needs fewer
        assert read or not valid
    else:
        assert valid == read, (path, value)
