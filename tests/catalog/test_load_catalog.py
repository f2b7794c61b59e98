"""Loading a catalogue file."""

from __future__ import annotations

import copy
import json
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opora.catalog.actions import load_catalog, override_fact
from opora.catalog.errors import BadCatalogue
from opora.catalog.models import Override, Portal, Problem, Product, Version
from opora.catalog.queries import questions
from opora.core.models import AuditLine

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIFECYCLE = files("opora.catalog") / "data" / "lifecycle.json"


def lifecycle() -> Any:
    return json.loads(LIFECYCLE.read_text(encoding="utf-8"))


def a_version(**facts: Any) -> dict[str, Any]:
    return {
        "version": "2022",
        "listing": "Server 2022",
        "policy": "fixed",
        "release_date": "2022-11-16",
        "mainstream_end": "2028-01-11",
        "extended_end": "2033-01-11",
        "esu_end": None,
        "retirement_date": None,
        "generation": 0,
    } | facts


def a_product(**facts: Any) -> dict[str, Any]:
    return {
        "family": "Servers",
        "product": "Server",
        "deployment": "on_premises",
        "versions": [a_version()],
    } | facts


def a_file(*products: Any, **more: Any) -> dict[str, Any]:
    return {"catalog": list(products) or [a_product()]} | more


def everything() -> list[Any]:
    """Every row of the catalogue and of evidence, to see that nothing changed."""
    kinds = (Portal, Product, Version, Problem, Override, AuditLine)
    return [list(kind.objects.order_by("pk").values()) for kind in kinds]


def refused(document: Any) -> list[tuple[str, str]]:
    """What a refusal names, after seeing that it changed nothing."""
    before = everything()
    with pytest.raises(BadCatalogue) as caught:
        load_catalog(document, now=NOW)
    assert everything() == before
    return [(error["field"], error["message"]) for error in caught.value.errors]


@pytest.mark.shows("S10.1")
def test_takes_the_shipped_catalogue_and_again_without_a_write() -> None:
    report = load_catalog(lifecycle(), now=NOW)

    assert (report.products, report.versions, report.changed) == (142, 447, 589)
    assert Product.objects.count() == 142
    assert Version.objects.count() == 447
    line = AuditLine.objects.get()
    assert (line.code, line.target_kind, line.actor_id) == ("catalog.loaded", "catalog", None)
    assert line.facts == {"products": 142, "versions": 447, "changed": 589}

    with CaptureQueriesContext(
        connection,
    ) as captured:
        again = load_catalog(lifecycle(), now=NOW)
    assert again.changed == 0
    statements = [query["sql"] for query in captured.captured_queries]
    assert not [sql for sql in statements if sql.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert AuditLine.objects.count() == 1


@pytest.mark.shows("S10.1", "S10.3")
def test_keeps_every_fact_of_the_shipped_catalogue() -> None:
    document = lifecycle()
    load_catalog(document, now=NOW)

    stored = {
        (version.product.name, version.name): version
        for version in Version.objects.select_related("product")
    }
    rows = [(product, row) for product in document["catalog"] for row in product["versions"]]
    assert len(stored) == len(rows)
    for product, row in rows:
        version = stored[product["product"], row["listing"]]
        assert version.product.family == product["family"]
        assert version.product.deployment == product["deployment"]
        assert version.policy == row["policy"]
        assert version.generation == row.get("generation")
        for name, day in (
            ("release_date", version.released_on),
            ("mainstream_end", version.mainstream_ends_on),
            ("extended_end", version.extended_ends_on),
            ("esu_end", version.security_updates_end_on),
            ("retirement_date", version.retires_on),
        ):
            assert (day.isoformat() if day else None) == row[name]
    framework = stored[".NET Framework", ".NET Framework 4.8.1"]
    assert (framework.product.slug, framework.slug) == ("net-framework", "net-framework-4-8-1")


@pytest.mark.shows("S10.1")
def test_updates_what_changed_and_matches_rows_by_id() -> None:
    load_catalog(a_file(), now=NOW)
    product, version = Product.objects.get(), Version.objects.get()

    changed = a_product(
        product="SERVER", versions=[a_version(listing="server (2022)", extended_end="2034-01-10")]
    )
    assert load_catalog(a_file(changed), now=NOW).changed == 2

    product.refresh_from_db()
    version.refresh_from_db()
    assert (product.slug, product.name) == ("server", "SERVER")
    assert (version.slug, version.name) == ("server-2022", "server (2022)")
    assert version.extended_ends_on == date(2034, 1, 10)


@pytest.mark.shows("S10.1")
def test_rows_the_file_no_longer_has_stay() -> None:
    both = a_product(versions=[a_version(), a_version(listing="Server 2019")])
    load_catalog(a_file(both, a_product(product="Other")), now=NOW)

    load_catalog(a_file(), now=NOW)

    assert set(Product.objects.values_list("slug", flat=True)) == {"server", "other"}
    assert set(Version.objects.values_list("product__slug", "slug")) == {
        ("server", "server-2022"),
        ("server", "server-2019"),
        ("other", "server-2022"),
    }


@pytest.mark.shows("S10.3")
def test_a_generation_that_the_file_drops_is_gone() -> None:
    load_catalog(a_file(), now=NOW)
    row = a_version()
    del row["generation"], row["extended_end"], row["policy"]
    load_catalog(a_file(a_product(versions=[row])), now=NOW)

    version = Version.objects.get()
    assert (version.generation, version.extended_ends_on, version.policy) == (None, None, "unknown")


@pytest.mark.shows("S10.1")
def test_an_override_survives_a_reload_of_a_changed_file() -> None:
    load_catalog(a_file(), now=NOW)
    override_fact(
        product="server",
        version="server-2022",
        field="mainstream_end",
        value="2029-06-30",
        reason="agreed with the publisher",
        now=NOW,
    )
    changed = a_product(versions=[a_version(mainstream_end="2028-12-31", extended_end=None)])
    load_catalog(a_file(changed), now=NOW)

    version = Version.objects.get()
    assert version.mainstream_ends_on == date(2029, 6, 30)
    assert version.extended_ends_on is None
    assert load_catalog(a_file(changed), now=NOW).changed == 0


@pytest.mark.shows("S10.1")
def test_two_rows_with_one_id_refuse_the_whole_file_and_both_are_named() -> None:
    load_catalog(a_file(), now=NOW)

    twice = a_file(a_product(product="New"), a_product(), a_product(product="SERVER!"))
    assert refused(twice) == [
        ("/catalog/2", "“SERVER!” and “Server” in /catalog/1 have one id, “server”.")
    ]
    versions = [a_version(), a_version(listing="Server 2019"), a_version(listing="server.2022")]
    assert refused(a_file(a_product(versions=versions))) == [
        (
            "/catalog/0/versions/2",
            "“server.2022” and “Server 2022” in /catalog/0/versions/0 have one id, “server-2022”.",
        )
    ]


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        (
            {"versions": [a_version(release_date="2022-02-30")]},
            "/versions/0/release_date",
            "This must be a day, YYYY-MM-DD, or null.",
        ),
        (
            {"versions": [a_version(esu_end="20260101")]},
            "/versions/0/esu_end",
            "This must be a day, YYYY-MM-DD, or null.",
        ),
        (
            {"versions": [a_version(), a_version(listing="B", extended_end=2026)]},
            "/versions/1/extended_end",
            "This must be a day, YYYY-MM-DD, or null.",
        ),
        (
            {"versions": [a_version(generation=True)]},
            "/versions/0/generation",
            "This must be a whole number from 0, or null.",
        ),
        (
            {"versions": [a_version(generation=-1)]},
            "/versions/0/generation",
            "This must be a whole number from 0, or null.",
        ),
        (
            {"versions": [a_version(policy="forever")]},
            "/versions/0/policy",
            "This must be one of fixed, modern, component, unknown.",
        ),
        (
            {"versions": [a_version(listing=" ")]},
            "/versions/0/listing",
            "This must be a text that is not empty.",
        ),
        (
            {"versions": [a_version(listing="日本")]},
            "/versions/0/listing",
            "“日本” gives no id: it has no a–z and no 0–9.",
        ),
        ({"versions": {}}, "/versions", "This must be a list."),
        ({"versions": [7]}, "/versions/0", "This must be an object."),
        ({"family": None}, "/family", "This must be a text that is not empty."),
        ({"product": 365}, "/product", "This must be a text that is not empty."),
        ({"product": "a" * 201}, "/product", "This must be at most 200 characters."),
        ({"product": "a\x00b"}, "/product", "This holds characters that no name has."),
        ({"product": "a\ud800b"}, "/product", "This holds characters that no name has."),
        (
            {"deployment": "moon"},
            "/deployment",
            "This must be one of on_premises, client, developer, hybrid, cloud.",
        ),
        ({"aliases": "Srv"}, "/aliases", "This must be a list."),
        ({"aliases": ["Srv", 1]}, "/aliases/1", "This must be a text that is not empty."),
        ({"portal": 7}, "/portal", "This must be an object, or an id."),
        (
            {"portal": "nowhere"},
            "/portal",
            "There is no portal “nowhere” under “portals”.",
        ),
        (
            {"problems": [{"id": "a", "category": "c", "name": "x", "questions": ["who"]}]},
            "/problems/0/questions/0",
            "There is no question “who” under “questions”.",
        ),
        (
            {"portal": {"name": "A", "url": "javascript:alert(1)"}},
            "/portal/url",
            "“javascript:alert(1)” is no web address.",
        ),
        (
            {"portal": {"url": "https://a.example"}},
            "/portal/name",
            "This must be a text, or texts under “cs” and “en”.",
        ),
        (
            {"problems": [{"id": "A b", "category": "c", "name": {"en": "x"}}]},
            "/problems/0/id",
            "“A b” cannot be an id: use a–z, 0–9 and single dashes.",
        ),
        (
            {"problems": [{"id": "none-of-these", "category": "c", "name": {"en": "x"}}]},
            "/problems/0/id",
            "“none-of-these” is always offered; it cannot be loaded.",
        ),
        (
            {"problems": [{"id": "a", "category": "c", "name": {"de": "x"}}]},
            "/problems/0/name",
            "This must be a text, or texts under “cs” and “en”.",
        ),
        (
            {"problems": [{"id": "a", "category": "c", "name": {"cs": 1}}]},
            "/problems/0/name/cs",
            "This must be a text that is not empty.",
        ),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_loaded(
    change: dict[str, Any], pointer: str, message: str
) -> None:
    load_catalog(a_file(), now=NOW)
    bad = a_file(a_product(product="Good"), a_product(product="Bad") | change)
    assert refused(bad) == [(f"/catalog/1{pointer}", message)]


@pytest.mark.parametrize("document", [None, [], "catalog", 7])
def test_a_file_that_is_no_catalogue_is_refused(document: Any) -> None:
    assert refused(document) == [("", "This must be an object with a list “catalog”.")]


def test_a_file_without_its_list_is_refused() -> None:
    assert refused({"products": []}) == [("/catalog", "This must be a list.")]


def test_every_bad_row_is_named_at_once() -> None:
    document = a_file(a_product(family=1), 7, a_product(product="B", deployment=None))
    assert [pointer for pointer, message in refused(document)] == [
        "/catalog/0/family",
        "/catalog/1",
        "/catalog/2/deployment",
    ]


def test_what_others_write_beside_it_is_left_alone() -> None:
    document = a_file(a_product(owner={"team": 7}, versions=[a_version(source=["x"])]), meta=[1])
    load_catalog(document, now=NOW)
    assert Version.objects.count() == 1


@pytest.mark.shows("S3.1")
def test_a_portal_aliases_and_problems_are_kept_until_the_file_mentions_them() -> None:
    portal = {"name": {"cs": "Jinde", "en": "Elsewhere"}, "url": "https://elsewhere.example/"}
    problems: list[dict[str, Any]] = [
        {"id": "slow", "category": "performance", "name": {"cs": "Pomalé", "en": "Slow"}},
        {"id": "crash", "category": "stability", "name": "Crash"},
    ]
    full = a_product(portal=portal, aliases=["Srv"], problems=problems)
    categories = [{"id": "performance", "name": {"cs": "Výkon", "en": "Performance"}}]
    load_catalog(a_file(full, categories=categories), now=NOW)
    before = everything()

    load_catalog(a_file(), now=NOW)
    assert everything() == before
    product = Product.objects.get()
    assert product.portal is not None
    assert (product.portal.slug, product.portal.url) == ("elsewhere", "https://elsewhere.example/")
    assert product.aliases == ["Srv"]
    slow, crash = product.problems.order_by("position")
    assert (slow.slug, slow.category, slow.names) == ("slow", "performance", problems[0]["name"])
    assert slow.category_names == {"cs": "Výkon", "en": "Performance"}
    assert (crash.names, crash.category_names) == ({"en": "Crash"}, {})

    load_catalog(a_file(a_product(portal=None, aliases=[])), now=NOW)
    assert Product.objects.filter(portal=None, aliases=[]).exists()


@pytest.mark.shows("S3.1", "S10.4")
def test_a_family_gives_its_products_what_they_do_not_carry() -> None:
    load_catalog(
        a_file(
            a_product(product="Old", family="Clouds", deployment="cloud"),
            a_product(product="Box", family="Clouds"),
        ),
        now=NOW,
    )
    shared = {"name": "Shared", "url": "https://shared.example/"}
    own = {"name": "Own", "url": "https://own.example/"}
    new = a_product(product="New", family="Clouds", deployment="cloud", portal=own)
    problem = {"id": "outage", "category": "service", "name": "Outage"}
    families = [
        {"family": "Clouds", "deployment": "cloud", "portal": shared},
        {"family": "Clouds", "problems": [problem]},
    ]
    load_catalog(a_file(new, families=families), now=NOW)

    portals = dict(Product.objects.values_list("slug", "portal__slug"))
    assert portals == {"old": "shared", "box": None, "new": "own"}
    assert set(Problem.objects.values_list("product__slug", "slug")) == {
        ("old", "outage"),
        ("box", "outage"),
        ("new", "outage"),
    }
    assert load_catalog(a_file(new, families=families), now=NOW).changed == 0


def test_a_family_twice_and_a_portal_that_differs_are_refused() -> None:
    one = {"name": "One", "url": "https://one.example/"}
    document = a_file(
        a_product(portal=one),
        families=[{"family": "F"}, {"family": "F", "portal": one | {"url": "https://2.example/"}}],
    )
    assert refused(document) == [
        ("/families/1/portal", "This and /catalog/0/portal are one portal, “one”, and differ."),
        ("/families/1", "“F” and “F” in /families/0 have one id, “F”."),
    ]


def test_the_document_itself_is_not_changed() -> None:
    document = a_file(a_product(aliases=["x"], portal={"name": "A", "url": "https://a.example"}))
    before = copy.deepcopy(document)
    load_catalog(document, now=NOW)
    assert document == before


@pytest.mark.shows("S3.1")
def test_portals_stand_once_and_products_name_them() -> None:
    told = {"sign_in": {"cs": "Účtem.", "en": "By account."}, "contract_ids": "Optional."}
    portal = {"id": "suite", "name": "Suite", "url": "https://suite.example/"} | told
    document = a_file(a_product(portal="suite"), portals=[portal, portal | {"id": "unused"}])
    load_catalog(document, now=NOW)
    assert load_catalog(document, now=NOW).changed == 0
    suite, unused = Portal.objects.order_by("slug")
    assert (suite.slug, unused.slug) == ("suite", "unused")
    assert suite.sign_in == {"cs": "Účtem.", "en": "By account."}
    assert suite.contract_ids == {"en": "Optional."}
    assert Product.objects.get().portal == suite
    # A file that spells the portal out, and says nothing of these, leaves them.
    spelled = {"id": "suite", "name": "Suite 2", "url": "https://suite.example/"}
    load_catalog(a_file(a_product(portal=spelled)), now=NOW)
    suite.refresh_from_db()
    assert (suite.names["en"], suite.sign_in["en"]) == ("Suite 2", "By account.")


@pytest.mark.shows("S6.1")
def test_questions_are_loaded_in_order_and_problems_name_them() -> None:
    asked = [
        {"id": "began", "name": {"cs": "Odkdy", "en": "Since when"}, "general": True},
        {"id": "steps", "name": "Steps", "hint": {"en": "One a line."}, "lines": 4},
    ]
    problem = {"id": "slow", "category": "c", "name": "Slow", "questions": ["steps"]}
    document = a_file(a_product(problems=[problem]), questions=asked)
    load_catalog(document, now=NOW)
    assert load_catalog(document, now=NOW).changed == 0
    assert [(q.id, q.hint, q.lines, q.is_general) for q in questions()] == [
        ("began", "", 1, True),
        ("steps", "One a line.", 4, False),
    ]
    assert Problem.objects.get().questions == ["steps"]


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        ({"lines": 0}, "/lines", "This must be a whole number from 1 to 20."),
        ({"lines": True}, "/lines", "This must be a whole number from 1 to 20."),
        ({"general": 1}, "/general", "This must be true or false."),
        ({"id": "A"}, "/id", "“A” cannot be an id: use a–z, 0–9 and single dashes."),
        ({"hint": 7}, "/hint", "This must be a text, or texts under “cs” and “en”."),
    ],
)
def test_a_bad_question_is_named(change: dict[str, Any], pointer: str, message: str) -> None:
    bad = a_file(questions=[{"id": "began", "name": "Since when"} | change])
    assert refused(bad) == [(f"/questions/0{pointer}", message)]
