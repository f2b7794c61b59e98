"""Types of what programs send: bounded, strict, and free of what no database or mail can carry."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from opora.cases.texts import LONGEST_TEXT, LONGEST_TITLE

# NUL and lone surrogates break databases; other controls than tab and line ends mislead readers.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
CONTROLS_AND_LINES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
ID_PATTERN = r"^[0-9a-f]{32}$"
NUMBER_PATTERN = r"^[0-9]{16}$"


def _shown(text: str) -> str:
    if CONTROLS.search(text):
        raise PydanticCustomError("control_characters", "control characters")
    return unicodedata.normalize("NFC", text)


def _one_line(text: str) -> str:
    if CONTROLS_AND_LINES.search(text):
        raise PydanticCustomError("control_characters", "control characters")
    return unicodedata.normalize("NFC", text)


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank_text", "blank")
    return text


Line = Annotated[str, AfterValidator(_one_line)]
FilledLine = Annotated[str, AfterValidator(_one_line), AfterValidator(_not_blank)]
Text = Annotated[str, AfterValidator(_shown), AfterValidator(_not_blank)]

Title = Annotated[FilledLine, Field(max_length=LONGEST_TITLE)]
LongText = Annotated[Text, Field(max_length=LONGEST_TEXT)]
PersonName = Annotated[FilledLine, Field(max_length=100)]
FamilyName = Annotated[Line, Field(max_length=100)]
Email = Annotated[FilledLine, Field(max_length=254)]
Phone = Annotated[Line, Field(max_length=40)]
Slug = Annotated[FilledLine, Field(max_length=200)]
Reference = Annotated[FilledLine, Field(max_length=64)]
Secret = Annotated[FilledLine, Field(max_length=100)]
Search = Annotated[Line, Field(max_length=200)]
Severity = Literal["A", "B", "C"]
Cursor = Annotated[Line, Field(max_length=500)]


def one_of(*values: str) -> Any:
    """For answers: a text that is one of `values`. Our own code gives it, so nothing is checked."""
    return Field(json_schema_extra={"enum": list(values)})


class Wanted(BaseModel):
    """What a program sends: an object with these fields and no other, each of its own type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Shown(BaseModel):
    """What Opora answers. Built from our own values, so nothing is coerced."""

    model_config = ConfigDict(extra="forbid")
