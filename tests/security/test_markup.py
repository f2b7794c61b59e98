"""What people type is text: a corpus of payloads through every text field, on every rendering.

`tests/security/test_in_browser.py` opens the same pages in a real browser.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from opora.cases.actions import propose_outcome, take_case, write_message
from opora.cases.files import receive_file
from opora.cases.models import Case
from opora.core.models import Job
from opora.jobs.worker import run_one
from opora.web import formats
from tests import factories
from tests.cast import Cast, bearer, signed_in, whole_cast
from tests.security.payloads import MARKUP

ALLOWED_SCHEMES = ("http:", "https:", "mailto:", "tel:")


def payload(number: int) -> str:
    return (
        MARKUP[number % len(MARKUP)]
        .replace("{n}", str(number))
        .replace("{{", "{")
        .replace("}}", "}")
    )


class Page(HTMLParser):
    """What a page is made of: tags with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attributes}))

    def handle_data(self, data: str) -> None:
        self.text += data


def faults(text: str, *, styled: bool = False) -> list[str]:
    """Everything on a page that a payload could have made. Mails are `styled` by attributes."""
    page = Page(text)
    found = []
    for tag, attributes in page.tags:
        if tag in ("iframe", "object", "embed", "base", "audio", "video", "marquee", "math"):
            found.append(f"<{tag}>")
        if tag == "script" and "nonce" not in attributes:
            found.append("<script> without a nonce")
        if tag == "meta" and "http-equiv" in attributes:
            found.append("<meta http-equiv>")
        for name, value in attributes.items():
            address = re.sub(r"[\x00-\x20]", "", value).lower()
            if name.startswith("on") or name in ("srcdoc", "ping", "formaction"):
                found.append(f"<{tag} {name}>")
            if name == "style" and not styled:
                found.append(f"<{tag} {name}>")
            if name in ("href", "src", "action", "data", "srcset", "poster", "hx-get", "hx-post"):
                if address.startswith("//") or (tag != "a" and "canary.example" in address):
                    found.append(f"<{tag} {name}={value[:60]}>")
                scheme = re.match(r"[a-z][a-z0-9+.-]*:", address)
                if scheme and not scheme[0].startswith(ALLOWED_SCHEMES):
                    found.append(f"<{tag} {name}={value[:60]}>")
    return found


@pytest.fixture
def people(db: None) -> Cast:
    return whole_cast()


def planted(people: Cast, number: int) -> Case:
    """A request of Alice's with a payload in each text that people can type."""
    nasty = payload(number)
    person = people.alice.person
    person.given_name, person.family_name = nasty[:100], nasty[:100]
    person.save()
    people.alice.company = nasty[:100]
    people.alice.save()
    case = factories.case(submitted_by=people.bob)
    # Past the rules of the forms, as if they had a hole: rendering must not depend on them.
    Case.objects.filter(pk=case.pk).update(title=nasty[:200], description=nasty)
    contact = case.contacts.get()
    contact.given_name, contact.family_name, contact.phone = nasty[:100], nasty[:100], nasty[:40]
    contact.save()
    now = timezone.now()
    write_message(case=case, body=nasty, by=people.bob, now=now)
    receive_file(account=people.bob, chunks=[b"x"], name=nasty, now=now, case=case)
    case.refresh_from_db()
    take_case(case=case, by=people.dana, now=now)
    write_message(case=case, body=nasty, by=people.dana, now=now, is_note=True)
    return Case.objects.get(pk=case.pk)


def renderings(people: Cast, case: Case) -> dict[str, Any]:
    """{path: page} of everything that shows the request."""
    bobs, danas = signed_in(people.bob), signed_in(people.dana)
    pages = {}
    request = f"/requests/{case.number}/"
    for path in ("/?state=all", request, *(request + n for n in ("history/", "sharing/"))):
        pages[path] = bobs.get(path)
    for path in ("/desk/", f"/desk/cases/{case.number}/", f"/desk/cases/{case.number}/history/"):
        pages[path] = danas.get(path)
    alices = signed_in(people.alice)
    for path in ("/settings/profile/", "/contracts/", "/requests/new/"):
        pages[path] = alices.get(path)
    return pages


@pytest.mark.slow("a corpus of ninety payloads through every page that shows a request")
@pytest.mark.shows("XS-01", "XS-02", "XS-03", "XS-05", "XS-08", "EM-11")
def test_no_payload_becomes_markup_on_any_page_or_in_any_mail(people: Cast) -> None:
    case = planted(people, 0)
    now = timezone.now()
    bobs, danas = signed_in(people.bob), signed_in(people.dana)
    for number in range(len(MARKUP)):
        nasty = payload(number)
        Case.objects.filter(pk=case.pk).update(title=nasty[:200], description=nasty)
        case.messages.update(body=nasty)
        case.attachments.update(name=nasty[:180])
        case.contacts.update(given_name=nasty[:100], family_name=nasty[:100], phone=nasty[:40])
        people.alice.person.__class__.objects.update(
            given_name=nasty[:100], family_name=nasty[:100]
        )
        if number % 40 == 0:
            every = renderings(people, case)
        else:
            every = {
                f"/requests/{case.number}/": bobs.get(f"/requests/{case.number}/"),
                f"/desk/cases/{case.number}/": danas.get(f"/desk/cases/{case.number}/"),
            }
        for path, answer in every.items():
            assert answer.status_code == 200, path
            page = answer.content.decode()
            assert faults(page) == [], (path, nasty)
        shown = Page(every[f"/requests/{case.number}/"].content.decode()).text
        assert _squeezed(nasty) in _squeezed(shown), nasty
    propose_outcome(case=case, outcome="workaround", body=payload(3), by=people.dana, now=now)
    for job in Job.objects.filter(kind__startswith="mail.case", state="open"):
        assert run_one(job) is False
    assert mail.outbox
    for letter in mail.outbox:
        (content, _type) = letter.alternatives[0]  # type: ignore[union-attr]
        assert faults(str(content), styled=True) == []


def _squeezed(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f]+", "", text)


@pytest.mark.rules
@pytest.mark.shows("XS-02", "XS-03")
@pytest.mark.parametrize("number", range(len(MARKUP)))
def test_a_text_with_any_payload_stays_text_and_cleaning_it_again_changes_nothing(
    number: int,
) -> None:
    shown = str(formats.prose(payload(number)))
    assert faults(shown) == []
    assert Page(shown).text.replace("\x00", "\ufffd") == payload(number)
    import nh3

    assert nh3.clean(shown, **formats._SAFE) == shown or "<a" not in shown


@pytest.mark.shows("XS-05", "XS-04")
def test_no_name_of_a_file_gets_out_of_its_header(people: Cast) -> None:
    from tests.security.payloads import FILE_NAMES

    case = factories.case(submitted_by=people.bob)
    for name in (*FILE_NAMES, *(payload(n) for n in range(len(MARKUP)))):
        file = receive_file(
            account=people.bob, chunks=[b"x"], name=name, now=factories.NOW, case=case
        )
        for client, path in (
            (signed_in(people.bob), f"/requests/{case.number}/files/{file.public_id.hex}/"),
            (bearer(people.bob), f"/api/v1/cases/{case.number}/attachments/{file.public_id.hex}"),
        ):
            answer = client.get(path)
            b"".join(answer)
            disposition = answer["Content-Disposition"]
            assert disposition.startswith("attachment; filename"), name
            assert not re.search(r"[\r\n\x00]", disposition)
            assert answer["Content-Type"] == "application/octet-stream"
            assert answer["Content-Security-Policy"].endswith("sandbox")
            if disposition.startswith('attachment; filename="'):
                value = disposition.removeprefix('attachment; filename="').removesuffix('"')
                assert '"' not in value.replace('\\"', "")


@pytest.mark.shows("XS-08")
def test_a_template_in_a_text_is_never_run(people: Cast) -> None:
    typed = "{{ 7*6007013 }} {% if 1 %}ran{% endif %} ${7*6007013} %(x)s {0} <%= 7*6007013 %>"
    with time_machine.travel(factories.NOW, tick=False):
        case = factories.case(submitted_by=people.bob, title=typed, description=typed)
        page = signed_in(people.bob).get(f"/requests/{case.number}/").content.decode()
        assert page.count(html.escape(typed, quote=False)) >= 2
        for job in Job.objects.filter(kind="mail.case_receipt"):
            run_one(job)
    (letter,) = mail.outbox
    assert typed in letter.subject or typed in str(letter.body)
    assert "42049091" not in str(letter.body)  # eight digits that stand nowhere by chance
