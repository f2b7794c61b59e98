"""Reading what a program sent: strict JSON, and a sentence for each thing that cannot be taken."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja.parser import Parser

from opora.core.errors import InvalidInput

# What pydantic calls a fault, and what we tell the reader. %(…)s come from the fault's context.
SENTENCES: dict[str, Any] = {
    "missing": _("This field is required."),
    "extra_forbidden": _("There is no such field."),
    "json_invalid": _("The body cannot be read as JSON."),
    "body_unreadable": _("The body of the request cannot be read."),
    "string_type": _("This must be text."),
    "bool_type": _("This must be true or false."),
    "bool_parsing": _("This must be true or false."),
    "list_type": _("This must be a list."),
    "model_type": _("This must be an object."),
    "model_attributes_type": _("This must be an object."),
    "int_type": _("This must be a whole number."),
    "int_parsing": _("This must be a whole number."),
    "int_parsing_size": _("This number is too large."),
    "literal_error": _("This must be one of: %(expected)s."),
    "string_too_short": _("This must have at least %(min_length)s characters."),
    "string_too_long": _("This must have at most %(max_length)s characters."),
    "too_long": _("This may hold at most %(max_length)s items."),
    "greater_than_equal": _("This must be at least %(ge)s."),
    "less_than_equal": _("This must be at most %(le)s."),
    "blank_text": _("This must not be empty."),
    "control_characters": _("This holds characters that cannot be shown."),
    "file_missing": _("This must be a file."),
    "several_files": _("Send one file a call: the others would be lost."),
}
OTHERWISE = _("This value cannot be taken.")


class StrictParser(Parser):
    """JSON by the standard: UTF-8, no NaN or Infinity, no name twice in an object."""

    def parse_body(self, request: HttpRequest) -> Any:
        return parsed_json(request.body)


def parsed_json(body: bytes) -> Any:
    """What `body` says; ValueError (RecursionError for a hostile depth) if it is no strict JSON."""
    return json.loads(
        body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_no_name_twice
    )


def refuse_other_parts(request: HttpRequest) -> None:
    """InvalidInput for a form that holds anything but one `file`: nothing sent is left aside."""
    faults = [
        {"loc": ("body", name), "type": "extra_forbidden"}
        for name in (*request.POST, *request.FILES)
        if name != "file"
    ]
    if len(request.FILES.getlist("file")) > 1:
        faults.append({"loc": ("body", "file"), "type": "several_files"})
    if faults:
        raise InvalidInput(errors=sentences_of(faults))


def sentences_of(faults: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """`[{"field", "message"}]` in the reader's language; fields are dotted (`contacts.0.email`)."""
    return [{"field": _field(fault["loc"]), "message": _message(fault)} for fault in faults]


def _field(location: Iterable[Any]) -> str:
    """Where the fault is, without the words that only say how the call was taken apart."""
    source, *path = location
    if source == "body" and path and path[0] == "wanted":
        path = path[1:]
    return ".".join(str(part) for part in path) or str(source)


def _message(fault: Mapping[str, Any]) -> str:
    kind = str(fault["type"])
    facts = dict(fault.get("ctx", {}))
    if kind == "too_long" and facts.get("field_type") != "List":
        kind = "string_too_long"  # the library calls a checked text a value
    sentence = str(SENTENCES.get(kind, OTHERWISE))
    if "expected" in facts:  # the library says 'A', 'B' or 'C', in English
        facts["expected"] = facts["expected"].replace(" or ", ", ").replace("'", "")
    try:
        return sentence % facts
    except KeyError:
        return str(OTHERWISE)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return members
