"""What people type about a problem and themselves: tidied and judged in one way each. Pure."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from opora.accounts.addresses import parse_address
from opora.accounts.errors import NotAnAddress

LONGEST_TITLE = 200
LONGEST_TEXT = 100_000  # a description or a message
LONGEST_NAME = 100
LONGEST_PHONE = 40

BLANK_LINES_IN_FRONT = re.compile(r"\A(?:[^\S\n]*\n)+")

Problems = dict[str, str]  # field, dotted as in the body ("primary_contact.email") → what to do


def plain(text: str) -> str:
    """`text` without NUL, and with what is no character replaced: both engines keep the rest."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def block(text: str) -> str:
    """`text` without the blank lines around it. Its first line stays indented: it may be a log."""
    return BLANK_LINES_IN_FRONT.sub("", plain(text)).rstrip()


def one_line(text: str) -> str:
    """`text` on one line, with single spaces."""
    return " ".join(plain(text).split())


def has_control_characters(text: str) -> bool:
    return any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text)


def key_of(email: str) -> str:
    """What an address compares by; empty if it is none."""
    try:
        return parse_address(email).key
    except NotAnAddress:
        return ""


def person_problems(given_name: str, family_name: str, email: str) -> Problems:
    """What is wrong with a tidied name and address, by field. The family name may be empty."""
    problems: Problems = {}
    if not given_name:
        problems["given_name"] = _("Enter the first name.")
    for name, value in (("given_name", given_name), ("family_name", family_name)):
        if len(value) > LONGEST_NAME:
            problems[name] = _("Shorten the name to 100 characters.")
        elif has_control_characters(value):
            problems[name] = _("Write the name without control characters.")
    if not key_of(email):
        problems["email"] = _("Enter an e-mail address, such as name@example.com.")
    return problems


def problem_with_phone(phone: str) -> str:
    """Empty if `phone` can be kept: an empty one can."""
    digits = sum(c.isdigit() for c in phone)
    if phone and (len(phone) > LONGEST_PHONE or digits < 5 or has_control_characters(phone)):
        return _("Enter a phone number, such as +420 601 123 456, or leave it empty.")
    return ""


def problem_with_text(text: str) -> str:
    """Empty if `text` can be a description or a message."""
    if not text:
        return _("Write what happened, what you expected, and what you have tried.")
    if len(text) > LONGEST_TEXT:
        return _("Shorten the text to 100,000 characters, or attach it as a file.")
    return ""
