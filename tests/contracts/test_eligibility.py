"""The one decision: every reason, in its order, and its words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from opora.catalog.lifecycle import Phase
from opora.catalog.subject import Subject
from opora.contracts.eligibility import Buyer, Question, Reason, Standing, decide
from opora.contracts.reasons import WORDS
from opora.contracts.terms import Terms
from tests.contracts.shipped import CODES, TODAY, standing, subject, terms
from tests.factories import TERMS

pytestmark = pytest.mark.rules

# SPEC 12's order.
ORDER = (
    "not-activated",
    "not-started",
    "expired",
    "suspended",
    "cancelled",
    "no-incidents-left",
    "cloud-products-only",
    "on-premises-products-only",
    "product-not-covered",
    "not-released",
    "support-ended",
    "mainstream-support-ended",
    "version-not-latest",
    "production-not-covered",
    "severity-not-covered",
    "account-kind-not-allowed",
    "region-not-sold",
)
M, X = Phase.MAINSTREAM, Phase.EXTENDED
PARTNER, CLOUD, STUDIO, ASSURANCE, PPI = (
    "partner-on-premises-20",
    "partner-cloud-5",
    "visual-studio-enterprise-4",
    "assurance-24x7",
    "ppi-1",
)


def codes(
    plan: str | Terms,
    about: Subject | None = None,
    *,
    of: Standing | None = None,
    **asked: Any,
) -> tuple[str, ...]:
    question = Question(**{"on": TODAY, "subject": about, "is_production": False} | asked)
    found = plan if isinstance(plan, Terms) else terms(plan)
    return decide(found, of or standing(), question).codes


@pytest.mark.shows("S12", "S4.2", "S4.3", "S2.6")
@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        ({}, ()),
        ({"activated_on": None, "starts_on": None, "ends_on": None}, ("not-activated",)),
        ({"starts_on": TODAY}, ()),
        ({"starts_on": TODAY + timedelta(1)}, ("not-started",)),
        ({"ends_on": TODAY}, ()),
        ({"ends_on": TODAY - timedelta(1)}, ("expired",)),
        ({"is_suspended": True}, ("suspended",)),
        ({"is_cancelled": True}, ("cancelled",)),
        ({"incidents_left": 0}, ("no-incidents-left",)),
        ({"incidents_left": 0, "ends_on": TODAY - timedelta(1)}, ("expired",)),
        ({"incidents_left": 0, "is_cancelled": True}, ("cancelled",)),
        ({"incidents_left": 0, "is_suspended": True}, ("suspended", "no-incidents-left")),
        (
            {"incidents_left": 0, "starts_on": TODAY + timedelta(1)},
            ("not-started", "no-incidents-left"),
        ),
        (
            {"is_suspended": True, "is_cancelled": True, "ends_on": TODAY - timedelta(1)},
            ("expired", "suspended", "cancelled"),
        ),
    ],
)
def test_a_contract_says_every_reason_of_its_condition(
    facts: dict[str, Any], reasons: tuple[str, ...]
) -> None:
    assert codes(PPI, of=standing(**facts)) == reasons


@pytest.mark.shows("S4.4", "S4.5", "S4.6", "S4.7", "S11.2", "S11.3")
@pytest.mark.parametrize(
    ("plan", "about", "reasons"),
    [
        # Partner, on premises: everything but cloud; mainstream; generation 0, 1 or none.
        (PARTNER, subject("on_premises", M, 0), ()),
        (PARTNER, subject("client", M, 1), ()),
        (PARTNER, subject("developer", M, None), ()),
        (PARTNER, subject("hybrid", M, 1), ()),
        (PARTNER, subject("cloud", M), ("on-premises-products-only",)),
        (PARTNER, subject("on_premises", M, 2), ("version-not-latest",)),
        (PARTNER, subject("on_premises", X, 1), ("mainstream-support-ended",)),
        (PARTNER, subject("developer", X, None), ("mainstream-support-ended",)),
        (PARTNER, subject("hybrid", X), ("mainstream-support-ended",)),
        (
            PARTNER,
            subject("on_premises", X, 3),
            ("mainstream-support-ended", "version-not-latest"),
        ),
        (
            PARTNER,
            subject("cloud", X, 2),
            ("on-premises-products-only", "mainstream-support-ended", "version-not-latest"),
        ),
        (PARTNER, subject("on_premises", Phase.ENDED, 5), ("support-ended",)),
        (PARTNER, subject("on_premises", Phase.NOT_RELEASED, 5), ("not-released",)),
        # Partner, cloud: cloud only; released, not ended.
        (CLOUD, subject("cloud", M), ()),
        (CLOUD, subject("cloud", X, 7), ()),
        (CLOUD, subject("hybrid", X), ()),
        (CLOUD, subject("on_premises", M, 0), ("cloud-products-only",)),
        (CLOUD, subject("client", X), ("cloud-products-only",)),
        (CLOUD, subject("cloud", Phase.ENDED), ("support-ended",)),
        (CLOUD, subject("cloud", Phase.NOT_RELEASED), ("not-released",)),
        # Developer subscriptions: everything but cloud; developer products in extended support too.
        (STUDIO, subject("developer", X, 4), ()),
        (STUDIO, subject("on_premises", M, 4), ()),
        (STUDIO, subject("on_premises", X), ("mainstream-support-ended",)),
        (STUDIO, subject("hybrid", X), ("mainstream-support-ended",)),
        (STUDIO, subject("cloud", M), ("on-premises-products-only",)),
        (STUDIO, subject("developer", Phase.ENDED), ("support-ended",)),
        # Assurance: everything but cloud and developer; mainstream.
        (ASSURANCE, subject("client", M, 9), ()),
        (ASSURANCE, subject("hybrid", M), ()),
        (ASSURANCE, subject("developer", M), ("product-not-covered",)),
        (
            ASSURANCE,
            subject("developer", X),
            ("product-not-covered", "mainstream-support-ended"),
        ),
        (ASSURANCE, subject("cloud", M), ("on-premises-products-only",)),
        # Pay-per-incident: everything but cloud; mainstream or extended.
        (PPI, subject("on_premises", X, 9), ()),
        (PPI, subject("developer", X), ()),
        (PPI, subject("cloud", X), ("on-premises-products-only",)),
        (PPI, subject("on_premises", Phase.ENDED), ("support-ended",)),
    ],
)
def test_a_plan_says_every_reason_about_a_version(
    plan: str, about: Subject, reasons: tuple[str, ...]
) -> None:
    assert codes(plan, about) == reasons


@pytest.mark.shows("S11.2", "S12")
@pytest.mark.parametrize("code", CODES)
def test_only_developer_subscriptions_ask_about_production(code: str) -> None:
    about = subject("cloud" if "cloud" in code else "on_premises", M, 0)
    expected = ("production-not-covered",) if code.startswith("visual-studio") else ()
    assert codes(code, about, is_production=True) == expected
    assert codes(code, about, is_production=False) == ()


def test_production_says_nothing_about_a_contract_alone() -> None:
    assert codes(STUDIO, None, is_production=True) == ()


def test_a_severity_is_judged_only_if_given() -> None:
    narrow = Terms.read(TERMS | {"severities": ["C"]})
    assert codes(narrow, subject()) == ()
    assert codes(narrow, subject(), severity="C") == ()
    assert codes(narrow, subject(), severity="A") == ("severity-not-covered",)


def test_an_excluded_product_is_not_covered() -> None:
    coverage = TERMS["coverage"] | {"excluded_products": ["product"]}
    excluding = Terms.read(TERMS | {"coverage": coverage})
    assert codes(excluding, subject()) == ("product-not-covered",)
    assert codes(excluding, subject(product="another")) == ()


@pytest.mark.shows("S12", "S5.3")
@pytest.mark.parametrize(
    ("plan", "buyer", "reasons"),
    [
        ("ppi-1", Buyer("personal", "JP"), ()),
        ("ppi-5", Buyer("personal", "CZ"), ()),
        ("ppi-5", Buyer("personal", "JP"), ("region-not-sold",)),
        ("ppi-1", Buyer("work", "CZ"), ("account-kind-not-allowed",)),
        ("ppi-5", Buyer("work", "JP"), ("account-kind-not-allowed", "region-not-sold")),
        (PARTNER, Buyer("personal", "CZ"), ("account-kind-not-allowed",)),
    ],
)
def test_account_kind_and_region_are_judged_only_about_buying(
    plan: str, buyer: Buyer, reasons: tuple[str, ...]
) -> None:
    assert codes(plan, subject(), buyer=buyer) == reasons
    assert codes(plan, subject()) == ()


STANDINGS = st.builds(
    standing,
    activated_on=st.sampled_from([None, date(2026, 1, 1)]),
    starts_on=st.sampled_from([date(2026, 1, 1), TODAY + timedelta(3)]),
    ends_on=st.sampled_from([TODAY + timedelta(9), TODAY - timedelta(1)]),
    is_suspended=st.booleans(),
    is_cancelled=st.booleans(),
    incidents_left=st.integers(0, 2),
)
SUBJECTS = st.builds(
    subject,
    deployment=st.sampled_from(["on_premises", "client", "developer", "hybrid", "cloud"]),
    phase=st.sampled_from(list(Phase)),
    generation=st.none() | st.integers(0, 3),
)


@pytest.mark.shows("S12")
@given(
    plan=st.sampled_from(CODES),
    of=STANDINGS,
    about=st.none() | SUBJECTS,
    is_production=st.booleans(),
    severity=st.sampled_from([None, "A", "B", "C"]),
)
def test_reasons_stand_once_each_in_the_promised_order(
    plan: str, of: Standing, about: Subject | None, is_production: bool, severity: str | None
) -> None:
    asked = Question(on=TODAY, subject=about, is_production=is_production, severity=severity)
    decision = decide(terms(plan), of, asked)
    places = [ORDER.index(code) for code in decision.codes]
    assert places == sorted(set(places))
    assert decision.usable == (not places)
    excluding = {"not-released", "support-ended"}
    excluded = {"mainstream-support-ended", "version-not-latest"}
    assert not (excluding & set(decision.codes) and excluded & set(decision.codes))
    assert not {"account-kind-not-allowed", "region-not-sold"} & set(decision.codes)
    for reason in decision.reasons:
        for text in (reason.message, reason.remedy):
            assert text
            assert "%(" not in text


def test_every_promised_code_has_words() -> None:
    assert tuple(WORDS) == ORDER


def test_words_name_the_plan_the_version_and_the_day_in_the_readers_way() -> None:
    question = Question(on=TODAY, subject=subject(phase=X))
    decision = decide(terms(PARTNER), standing(ends_on=date(2026, 11, 20)), question)
    expired, past_mainstream = decision.reasons
    assert expired.message == (
        "The support plan has expired: the last usable day of Plan was 20\u00a0Nov\u00a02026."
    )
    assert past_mainstream.message == (
        "Version is past mainstream support on 23\u00a0Nov\u00a02026, "
        "and Plan covers mainstream only."
    )
    with translation.override("cs"):
        assert "20.\u00a011.\u00a02026" in expired.message
        assert "Plán" in expired.message


def test_a_reason_travels_as_json() -> None:
    reason = Reason("suspended", {"plan": {"en": "Plan"}})
    assert reason.as_json() == {
        "code": "suspended",
        "message": "The contract Plan is suspended.",
        "remedy": "Ask your vendor why, and to let the contract be used again.",
    }


def test_a_plan_over_both_sides_takes_a_hybrid_product_as_either() -> None:
    coverage = TERMS["coverage"] | {
        "deployments": ["on_premises", "cloud"],
        "phases": {"on_premises": ["mainstream"], "cloud": ["extended"], "other": ["mainstream"]},
    }
    both = Terms.read(TERMS | {"coverage": coverage})
    assert codes(both, subject("hybrid", X)) == ()
    assert codes(both, subject("on_premises", X)) == ("mainstream-support-ended",)
    one_side = replace(both.coverage, deployments=frozenset({"on_premises"}))
    narrowed = replace(both, coverage=one_side)
    assert codes(narrowed, subject("hybrid", X)) == ("mainstream-support-ended",)


@pytest.mark.shows("S12.3")
@pytest.mark.parametrize("language", ["en", "cs"])
@pytest.mark.parametrize("code", ["mainstream-support-ended", "version-not-latest"])
def test_no_remedy_sends_to_a_shop_that_is_not_there(
    settings: Any, code: str, language: str
) -> None:
    facts = {"plan": {"en": "Plan"}, "version": "P 1", "product": "P", "on": TODAY}
    reason = Reason(code, facts)
    buying = {"en": "buy a single incident", "cs": "kupte jeden incident"}[language]
    vendor = {"en": "ask your vendor", "cs": "dodavatele"}[language]
    with translation.override(language):
        settings.PAYMENTS = ("outside",)
        assert buying in reason.remedy
        settings.PAYMENTS = ()
        assert buying not in reason.remedy
        assert vendor in reason.remedy
