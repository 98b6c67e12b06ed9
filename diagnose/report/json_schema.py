"""The published JSON Schema of a result (draft 2020-12), built from the records of results.py.

One source: what the writer may write and the reader takes is what the schema says. A number may be null
where it is a float (a number that does not exist, or has no bound); a key is required where its field has no
default, as the reader has it; further keys are allowed, for later versions add some.

Reference  JSON Schema: Core and Validation, draft 2020-12.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import types
import typing
from collections.abc import Mapping

from diagnose.report.contract import PROBE_KEYS
from diagnose.results import SCHEMA_VERSION, Measured, Probed, Result, Skipped

Schema = dict[str, typing.Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
NOTHING: Mapping[str, Schema] = {  # what a skipped probe has none of
    "users": {"const": 0},
    "estimates": {"type": "object", "maxProperties": 0},
    "series": {"type": "array", "maxItems": 0},
}
SCALARS: Mapping[object, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": ["number", "null"]},
    object: {},
}


def render_schema() -> str:
    """The schema as JSON text, ending in a newline; the same bytes every time."""
    return json.dumps(result_schema(), sort_keys=True, indent=1) + "\n"


def result_schema() -> Schema:
    """The schema of what `diagnose analyze` writes."""
    records: dict[str, Schema] = {}
    _define(Result, records)
    whole = records.pop(Result.__name__)
    whole["properties"]["schema_version"] = {"type": "integer", "minimum": 1, "maximum": SCHEMA_VERSION}
    whole["required"].append("schema_version")  # the reader asks for it first
    return {"$schema": DRAFT, "title": "A result of diagnose analyze", **whole, "$defs": records}


def _define(record: type, records: dict[str, Schema]) -> None:
    """Put the schema of a dataclass, and of those it holds, into `records`."""
    if record.__name__ in records:
        return
    records[record.__name__] = {}  # its name is taken: a record that holds its own kind ends here
    hints = typing.get_type_hints(record)
    fields = dataclasses.fields(record)
    properties = {field.name: _schema(hints[field.name], records) for field in fields}
    made: Schema = {
        "type": "object",
        "properties": properties,
        "required": [field.name for field in fields if _required(field)],
    }
    if told := _told(record):
        made["description"] = told
    records[record.__name__] = _probe(record, made) if record in (Measured, Skipped) else made


def _probe(record: type, made: Schema) -> Schema:
    """Both kinds of probe have the same keys, as the writer writes them."""
    skipped = record is Skipped
    told = {"status": {"const": "skipped" if skipped else "measured"}}
    none = NOTHING if skipped else {"reason": {"type": "null"}}
    return {**made, "properties": {**made["properties"], **told, **none}, "required": list(PROBE_KEYS)}


def _schema(hint: typing.Any, records: dict[str, Schema]) -> Schema:
    """What a value of this annotation looks like in JSON."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in SCALARS:
        return dict(SCALARS[hint])
    if origin in (types.UnionType, typing.Union):
        kind = "oneOf" if hint == Probed else "anyOf"
        return {kind: [_schema(argument, records) for argument in arguments]}
    if hint is type(None):
        return {"type": "null"}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0], records)}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1], records)}
    _define(hint, records)
    return {"$ref": f"#/$defs/{hint.__name__}"}


def _required(field: dataclasses.Field[typing.Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _told(record: type) -> str:
    """The record's own docstring, not the signature that a dataclass without one is given."""
    text = inspect.cleandoc(record.__doc__ or "")
    return "" if text.startswith(f"{record.__name__}(") else text
