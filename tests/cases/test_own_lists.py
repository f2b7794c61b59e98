"""What a customer manages: views, orders, what is new, excerpts of what was found (S8.2)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from opora.accounts.models import Account
from opora.cases.actions import add_contact, close_case, mark_read, take_case, write_message
from opora.cases.models import Case
from opora.cases.queries import (
    SORTS,
    VIEWS,
    Findings,
    case_page_for,
    figures_of,
    last_activity_of,
    requests_of,
)
from opora.core.errors import NotFound
from tests import cast, factories
from tests.cases.world import (
    DAY,
    HOUR,
    breaches,
    cases_for,
    fresh,
    new_case,
    numbers,
    waiting,
    walk,
)
from tests.counting import statements
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def unread(account: Account) -> list[str]:
    return numbers(requests_of(account, view="unread"))


@pytest.mark.shows("S8.2")
def test_views_are_open_waiting_new_closed_and_all(alice: Account) -> None:
    dana = cast.dana()
    one, two, three = cases_for(alice, 3)
    waiting(two, dana, now=NOW + DAY)
    close_case(case=three, outcome="solved", by=alice, now=NOW + 2 * DAY)

    found = {view: set(numbers(requests_of(alice, view=view))) for view in VIEWS}

    assert found == {
        "open": {one.number, two.number},
        "waiting": {two.number},
        "unread": {two.number},
        "closed": {three.number},
        "all": {one.number, two.number, three.number},
    }
    figures = figures_of(alice, now=NOW)
    assert (figures.open, figures.waiting_for_you, figures.unread) == (2, 1, 1)


@pytest.mark.shows("S8.2")
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_each_order_pages_by_key_and_loses_none(alice: Account, limit: int) -> None:
    cases = cases_for(alice, 5)
    write_message(case=cases[1], body="Up.", by=alice, now=NOW + DAY)
    by_activity = [cases[1], cases[4], cases[3], cases[2], cases[0]]
    expected = {
        "activity": by_activity,
        "quiet": by_activity[::-1],
        "submitted": cases[::-1],
    }
    for sort in SORTS:
        read = partial(requests_of, alice, sort=sort, limit=limit)
        assert walk(read) == [case.number for case in expected[sort]], sort


@pytest.mark.shows("S8.2", "AC-08")
def test_filters_narrow_and_never_widen(alice: Account) -> None:
    bob = cast.bob()
    version = factories.version(product="mail-server", slug="9")
    mine = new_case(submitted_by=alice, of=version, severity="A")
    new_case(submitted_by=alice, severity="C")
    new_case(submitted_by=bob, of=version, severity="A")

    assert numbers(requests_of(alice, severity="A")) == [mine.number]
    assert numbers(requests_of(alice, product="mail-server")) == [mine.number]
    assert numbers(requests_of(alice, product="mail-server", severity="B")) == []
    [row] = requests_of(alice, product="mail-server").items
    assert (row.product_slug, row.product_name) == ("mail-server", "Mail Server")


@pytest.mark.shows("S8.2")
def test_whatever_others_do_is_new_until_it_was_seen(alice: Account) -> None:
    bob, dana = cast.bob(), cast.dana()
    case = new_case(submitted_by=alice, others=(bob,))
    assert (unread(alice), unread(bob)) == ([], [case.number])

    write_message(case=case, body="I look after it.", by=bob, now=NOW + HOUR)
    assert (unread(alice), unread(bob)) == ([case.number], [])

    seen = last_activity_of(alice, case.number)
    write_message(case=case, body="Try it.", by=dana, now=NOW + 2 * HOUR)
    mark_read(account=alice, number=case.number, until=seen)
    assert unread(alice) == [case.number]  # what came after the page was made stays new

    mark_read(account=alice, number=case.number, until=NOW + 2 * HOUR)
    mark_read(account=alice, number=case.number, until=seen)  # a late one changes nothing
    assert unread(alice) == []
    assert unread(bob) == [case.number]
    assert breaches() == []


@pytest.mark.shows("S8.2", "AC-12")
def test_notes_and_owners_are_nothing_new(alice: Account) -> None:
    dana = cast.dana()
    case = new_case(submitted_by=alice)
    take_case(case=case, by=dana, now=NOW + HOUR)
    write_message(case=case, body="Strange.", by=dana, now=NOW + HOUR, is_note=True)

    assert unread(alice) == []
    assert last_activity_of(alice, case.number) == NOW


def test_the_future_cannot_be_read(alice: Account) -> None:
    case = new_case(submitted_by=alice, others=(cast.bob(),))
    mark_read(account=alice, number=case.number, until=NOW + DAY)
    write_message(case=case, body="Later.", by=cast_bob(), now=NOW + HOUR)

    assert unread(alice) == [case.number]


def cast_bob() -> Account:
    return Account.objects.get(email="bob@example.com")


@pytest.mark.shows("AC-01")
def test_who_may_not_read_it_marks_nothing_and_hears_nothing(alice: Account) -> None:
    case = new_case(submitted_by=alice)
    with pytest.raises(NotFound):
        mark_read(account=cast.charlie(), number=case.number, until=NOW)
    with pytest.raises(NotFound):
        last_activity_of(cast.dana(), case.number)


@pytest.mark.shows("S6.5")
def test_who_is_added_later_finds_it_new(alice: Account) -> None:
    bob = cast.bob()
    case = new_case(submitted_by=alice)
    add_contact(case=case, given_name="B", family_name="", email=bob.email, by=alice, now=NOW)

    assert unread(bob) == [case.number]
    assert case_page_for(bob, case.number).viewer_seen_at is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("many", [2, 20])
def test_lists_and_figures_cost_the_same_however_many_rows(alice: Account, many: int) -> None:
    cases_for(alice, many)
    requests_of(alice)
    with statements() as listed:
        assert len(requests_of(alice, view="all").items) == many
    with statements() as searched:
        rows = requests_of(alice, view="all", q="nightly").items
        findings = Findings("nightly", rows)
        assert all(findings.title(row) for row in rows)
    with statements() as asked:
        last_activity_of(alice, rows[0].number)
    assert (len(listed), len(searched), len(asked)) == (1, 2, 1)


# --- Excerpts ------------------------------------------------------------------------------------


def told(parts: Any) -> str:
    return "".join(f"[{part.text}]" if part.is_found else part.text for part in parts)


def found(account: Account, q: str) -> tuple[str, str]:
    [row] = requests_of(account, view="all", q=q).items
    findings = Findings(q, [row])
    return told(findings.title(row)), told(findings.excerpt(row))


@pytest.mark.shows("S8.2")
def test_the_words_found_stand_out_where_they_stand(alice: Account) -> None:
    case = new_case(
        submitted_by=alice,
        title="Zálohování selhává",
        description="Po instalaci aktualizace záloha neproběhne. " + "A nic víc. " * 40,
    )
    write_message(case=case, body="The tape\nlibrary answers.", by=alice, now=NOW + HOUR)

    assert found(alice, "zalohovani") == ("[Zálohování] selhává", "")
    title, excerpt = found(alice, "aktualizaci")
    assert title == "Zálohování selhává"
    assert excerpt.startswith("Po instalaci [aktualizace] záloha neproběhne.")
    assert excerpt.endswith(" …")
    assert found(alice, "libraries")[1] == "The tape [library] answers."


@pytest.mark.shows("S8.2", "AC-12")
def test_an_excerpt_is_never_of_a_note(alice: Account) -> None:
    dana = cast.dana()
    case = new_case(submitted_by=alice, description="The lamp is green.")
    write_message(case=case, body="Secret lamp.", by=dana, now=NOW + HOUR, is_note=True)

    assert found(alice, "lamp")[1] == "The [lamp] is green."
    assert requests_of(alice, view="all", q="secret").items == []


@pytest.mark.shows("XS-01")
@pytest.mark.parametrize("q", ["<script>", "%s", "'; --", "\\", '"', "a" * 5000])
def test_what_is_typed_is_words_and_nothing_else(alice: Account, q: str) -> None:
    new_case(submitted_by=alice)
    rows = requests_of(alice, view="all", q=q).items
    Findings(q, rows)


def test_the_excerpt_begins_near_the_word_however_far_it_is(alice: Account) -> None:
    case = new_case(
        submitted_by=alice, description="Word. " * 2000 + "At last the needle stands here."
    )
    assert isinstance(fresh(case), Case)

    _title, excerpt = found(alice, "needles")

    assert excerpt.startswith("… ")
    assert excerpt.endswith("At last the [needle] stands here.")
    assert len(excerpt) < 300
