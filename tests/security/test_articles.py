"""The knowledge base shows what it may, and its markup stays harmless (AC-15, XS-06)."""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.core.models import AuditLine
from opora.knowledge.actions import (
    create_article,
    publish_edition,
    send_for_review,
    start_edition,
    withdraw_edition,
)
from opora.knowledge.models import Edition, Feedback
from opora.web.markdown import markdown
from tests import cast, factories
from tests.factories import NOW
from tests.security.payloads import MARKUP
from tests.security.test_markup import faults

CANARY = "kanárek"


@pytest.fixture
def shelf(db: None) -> dict[str, str]:
    """Articles of every kind: {what it is: slug}. All but the public ones carry a canary."""
    dana, eve = cast.dana(), cast.eve()
    hidden = (f"{CANARY} title", f"{CANARY} text")
    slugs = {
        "public": factories.article("public-one", products=()).slug,
        "internal": factories.article("internal-one", audience="agents", cs=hidden, en=hidden).slug,
        "signed in": factories.article("members", audience="signed_in", cs=hidden, en=hidden).slug,
    }
    draft = create_article(
        language="en",
        title=f"{CANARY} draft",
        body=CANARY,
        audience="public",
        keywords=[CANARY],
        subjects=[],
        by=dana,
        now=NOW,
    )
    slugs["draft"] = draft.article.slug
    waiting = create_article(
        language="en",
        title=f"{CANARY} waiting",
        body=CANARY,
        audience="public",
        keywords=[],
        subjects=[],
        by=dana,
        now=NOW,
    )
    send_for_review(edition=waiting, by=dana, now=NOW)
    slugs["in review"] = waiting.article.slug
    gone = factories.article("gone", cs=None, en=hidden)
    withdraw_edition(edition=gone.editions.get(), by=eve, now=NOW)
    slugs["withdrawn"] = gone.slug
    # A published article whose next version is being written, and whose last one is replaced.
    newer = factories.article("newer", en=(f"{CANARY} old", CANARY), cs=None)
    second = start_edition(article=newer, language="en", by=dana, now=NOW)
    Edition.objects.filter(pk=second.pk).update(title="The new text", body="It stands.")
    send_for_review(edition=Edition.objects.get(pk=second.pk), by=dana, now=NOW)
    publish_edition(edition=Edition.objects.get(pk=second.pk), by=eve, now=NOW)
    start_edition(article=newer, language="en", by=dana, now=NOW)
    Edition.objects.filter(article=newer, number=3).update(title=f"{CANARY} next", body=CANARY)
    factories.diagnosis("open-guide", article="public-one")
    factories.diagnosis("internal-guide", audience="agents")
    return slugs


def crawl(client: Client, start: str = "/help/") -> dict[str, str]:
    """Every page below /help/ that links and forms lead to: {address: text}."""
    seen: dict[str, str] = {}
    waiting = [start]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        answer = client.get(address)
        text = html.unescape(answer.content.decode()) if answer.status_code == 200 else ""
        seen[address] = text
        for found in re.findall(r'(?:href|action)="([^"]+)"', text):
            there = urljoin(address, found.split("#")[0])
            if urlsplit(there).path.startswith("/help/") and len(seen) < 200:
                waiting.append(there)
        for answer_id in re.findall(r'name="answer" value="([^"]+)"', text):
            parts = urlsplit(address)
            path = re.search(r'name="path" value="([^"]+)"', text)
            query = f"?path={path[1]}.{answer_id}" if path else f"?path={answer_id}"
            waiting.append(parts.path + query)
    return seen


@pytest.mark.shows("AC-15")
def test_an_anonymous_crawl_finds_published_public_articles_and_nothing_else(
    shelf: dict[str, str],
) -> None:
    seen = crawl(Client())
    assert len(seen) > 6
    assert all(text for address, text in seen.items() if "feedback" not in address), seen.keys()
    articles = {
        found[1]
        for address in seen
        if (found := re.fullmatch(r"/help/articles/([a-z0-9-]+)/", address))
    }
    assert articles == {"public-one", "newer"}
    assert [address for address, text in seen.items() if CANARY in text] == []
    assert not [address for address in seen if "internal-guide" in address]


@pytest.mark.shows("AC-15")
@pytest.mark.parametrize("what", ["internal", "signed in", "draft", "in review", "withdrawn"])
@pytest.mark.parametrize("query", ["", "?draft=" + "0" * 32])
def test_an_address_that_was_guessed_says_what_one_that_never_was_says(
    shelf: dict[str, str], what: str, query: str
) -> None:
    client = Client()
    slug = shelf[what]
    told = client.get(f"/help/articles/{slug}/{query}")
    never = client.get(f"/help/articles/{'x' * len(slug)}/{query}")
    assert told.status_code == never.status_code == 404
    assert plain(told.content, slug) == plain(never.content, "x" * len(slug))
    before = AuditLine.objects.count()
    assert client.post(f"/help/articles/{slug}/feedback/", {"helped": "yes"}).status_code == 404
    assert (Feedback.objects.count(), AuditLine.objects.count()) == (0, before)


def plain(content: bytes, slug: str) -> str:
    """A page without what differs each time: nonces, tokens, the address asked for."""
    text = content.decode().replace(slug, "SLUG")
    return re.sub(r'(nonce|value|content)="[^"]*"|[0-9a-f]{16}', "", text)


@pytest.mark.shows("AC-15", "AC-08")
@pytest.mark.parametrize("words", [CANARY, "draft", "waiting", "old", "next", "title"])
def test_searching_does_not_tell_that_there_is_more(shelf: dict[str, str], words: str) -> None:
    text = html.unescape(Client().get("/help/", {"q": words}).content.decode())
    assert "/help/articles/" not in text.replace("/help/articles/newer", "").replace(
        "/help/articles/public-one", ""
    )
    assert text.count(CANARY) == (2 if words == CANARY else 0)  # what was asked


@pytest.mark.shows("AC-15")
def test_whoever_is_signed_in_reads_theirs_and_agents_all(shelf: dict[str, str]) -> None:
    def reads(account: Account) -> set[str]:
        client = cast.signed_in(account)
        return {
            what
            for what, slug in shelf.items()
            if client.get(f"/help/articles/{slug}/").status_code == 200
        }

    assert reads(cast.alice()) == {"public", "signed in"}
    assert reads(Account.objects.get(email="dana@opora.example")) == {
        "public",
        "signed in",
        "internal",
    }


@pytest.mark.shows("AC-15", "AU-11")
def test_an_agent_without_the_second_factor_reads_what_everybody_reads(
    shelf: dict[str, str],
) -> None:
    client = Client()
    client.force_login(Account.objects.get(email="dana@opora.example"))
    assert client.get("/help/articles/public-one/").status_code == 200
    for what in ("internal", "signed in"):
        assert client.get(f"/help/articles/{shelf[what]}/").status_code == 404
    assert CANARY not in html.unescape(client.get("/help/").content.decode())


# --- Markup --------------------------------------------------------------------------------------

LINKS = [
    "[x](javascript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](JaVaScRiPt&#58;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://a.example/"onmouseover="alert(1))',
    "![x](https://canary.example/x.png)",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<scr<script>ipt>alert(1)</script>",
    "a\n\n<details open ontoggle=alert(1)>\n\nb",
    "`<script>alert(1)</script>`",
    "```\n</code><script>alert(1)</script>\n```",
    "| <b onclick=alert(1)> |\n|---|\n| <svg onload=alert(1)> |",
]


@pytest.mark.shows("XS-06", "XS-02", "XS-03")
@pytest.mark.parametrize("text", [*LINKS, *MARKUP])
def test_markdown_is_cleaned_after_it_was_made(text: str) -> None:
    made = str(markdown(text))
    assert faults(made) == []
    assert "<img" not in made
    assert "<script" not in made


@pytest.mark.shows("XS-06")
def test_what_articles_need_is_left() -> None:
    made = str(markdown("# Big\n\n1. **a** `b`\n2. [c](https://c.example/)\n\n| d |\n|---|\n| e |"))
    for part in ("<h2>Big</h2>", "<strong>a</strong>", "<code>b</code>", "<table>", "<li>"):
        assert part in made
    assert '<a href="https://c.example/" rel="noopener noreferrer">c</a>' in made


@pytest.mark.shows("XS-01", "XS-06")
def test_no_payload_in_an_article_becomes_markup_on_any_page(db: None) -> None:
    body = "\n\n".join([*LINKS, *MARKUP])
    title = "<script>alert(1)</script> & <b>bold</b>"
    article = factories.article("hostile", cs=None, en=(title, body[:40_000]))
    factories.diagnosis("guide", article=article.slug)
    dana = cast.signed_in(cast.dana())
    pages = [
        Client().get("/help/"),
        Client().get("/help/", {"q": "bold <script>alert(1)</script>"}),
        Client().get("/help/articles/hostile/"),
        Client().get("/help/diagnoses/guide/", {"path": "yes.yes"}),
        Client().get("/help/diagnoses/guide/", {"path": '"><script>alert(1)</script>'}),
        dana.get("/desk/articles/"),
        dana.get("/desk/articles/hostile/"),
        dana.get("/desk/articles/hostile/en/1/"),
    ]
    for page in pages:
        assert page.status_code == 200
        assert faults(page.content.decode()) == []
