"""Rows for tests, as shallow as can be: each function makes one thing and what it cannot lack.

Plain rows where no deed is needed; what a test is about goes through the deed itself. Everything
has a default; a test names only what it depends on.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from opora.accounts.models import Account, Membership, Organization, Person, ProvedAddress
from opora.cases.actions import open_case, save_draft
from opora.cases.actions.drafts import first_answers
from opora.cases.intake import AdditionalContact, CaseRequest, PrimaryContact
from opora.cases.models import Case, Draft
from opora.catalog.models import Product, Version
from opora.contracts.models import Contract, IncidentEntry, Plan, PlanVersion, Registration
from opora.knowledge.actions import load_articles
from opora.knowledge.models import Article, Diagnosis

# A Monday morning in Prague, in the office hours of most of Europe.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"

# A picture of one white point.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010100000000376ef9240000000a49444154"
    "789c63f80f0001010100b138f6140000000049454e44ae426082"
)

_numbers = count(1)


def account(
    email: str = "",
    *,
    kind: str = Account.Kind.PERSONAL,
    given_name: str = "Given",
    family_name: str = "Family",
    organization: Organization | None = None,
    proved: bool = True,
    **profile: Any,
) -> Account:
    """An account with a complete profile (Prague, English) whose address is proved.

    Its password is PASSWORD, unless it is a work account.
    """
    email = email or f"person{next(_numbers)}@example.com"
    is_work = kind == Account.Kind.WORK
    made = Account(
        person=Person.objects.create(given_name=given_name, family_name=family_name),
        kind=kind,
        email=email,
        email_key=email.casefold(),
        login_email=None if is_work else email,
        organization=organization,
        created_at=NOW,
        **{
            "country": "CZ",
            "time_zone": "Europe/Prague",
            "language": "en",
            "profile_completed_at": NOW,
        }
        | profile,
    )
    if is_work:
        made.set_unusable_password()
    else:
        made.set_password(PASSWORD)
    made.save()
    if proved:
        how = ProvedAddress.How.PROVIDER if is_work else ProvedAddress.How.MAIL
        ProvedAddress.objects.create(
            account=made, address_key=made.email_key, how=how, proved_at=NOW
        )
    return made


def organization(name: str = "", *, domains: tuple[str, ...] = ()) -> Organization:
    """A company with its mail domains and no identity provider."""
    name = name or f"Company {next(_numbers)}"
    made = Organization.objects.create(name=name, name_key=name.casefold(), created_at=NOW)
    for domain in domains:
        made.domains.create(domain=domain)
    return made


def membership(
    account: Account, organization: Organization, role: str = Membership.Role.MEMBER
) -> Membership:
    return Membership.objects.create(account=account, organization=organization, role=role)


def version(
    *,
    product: str = "database-server",
    slug: str = "2022",
    deployment: str = Product.Deployment.ON_PREMISES,
    generation: int | None = 0,
    released_on: date | None = date(2022, 11, 16),
    mainstream_ends_on: date | None = date(2028, 1, 11),
    extended_ends_on: date | None = date(2033, 1, 11),
    **facts: Any,
) -> Version:
    """A version in mainstream support, with its product (made once a slug)."""
    name = product.replace("-", " ").title()
    owner, _ = Product.objects.get_or_create(
        slug=product,
        defaults={"family": "Servers", "name": name, "deployment": deployment},
    )
    return Version.objects.create(
        product=owner,
        slug=slug,
        name=f"{name} {slug}",
        **{
            "policy": Version.Policy.FIXED,
            "generation": generation,
            "released_on": released_on,
            "mainstream_ends_on": mainstream_ends_on,
            "extended_ends_on": extended_ends_on,
        }
        | facts,
    )


# A plan that covers everything on premises and in the cloud, in each severity, for a year.
TERMS: dict[str, Any] = {
    "incidents": 5,
    "term": {"years": 1, "months": 0},
    "grace_days": 0,
    "coverage": {
        "deployments": ["client", "cloud", "developer", "on_premises"],
        "phases": {"other": ["mainstream", "extended"]},
        "max_generation": None,
        "production": True,
        "excluded_products": [],
    },
    "severities": ["A", "B", "C"],
    "round_the_clock": ["A"],
    "buyers": [],
    "regions": None,
    "price": None,
    "access_id": True,
}


def plan_version(
    code: str = "", *, terms: dict[str, Any] | None = None, **facts: Any
) -> PlanVersion:
    """The first version of a plan, as its current one: TERMS, but for those in `terms`."""
    code = code or f"plan-{next(_numbers)}"
    plan = Plan.objects.create(code=code, names={"cs": code, "en": code}, **facts)
    made = PlanVersion.objects.create(
        plan=plan, number=1, terms=TERMS | (terms or {}), created_at=NOW
    )
    plan.current = made
    plan.save()
    return made


def contract(
    *,
    terms: PlanVersion | None = None,
    holder: Organization | Person | None = None,
    incidents: int = 5,
    starts_on: date = date(2026, 1, 1),
    ends_on: date = date(2026, 12, 31),
    registered_to: tuple[Account, ...] = (),
    **facts: Any,
) -> Contract:
    """An activated contract with `incidents` granted, and the ledger entry that grants them."""
    holder = holder or organization()
    activated_at = datetime.combine(starts_on, time(9), UTC)
    made = Contract.objects.create(
        contract_id=f"{next(_numbers):012d}",
        plan_version=terms or plan_version(),
        holder_organization=holder if isinstance(holder, Organization) else None,
        holder_person=holder if isinstance(holder, Person) else None,
        issued_at=activated_at,
        activated_on=starts_on,
        starts_on=starts_on,
        ends_on=ends_on,
        incidents_granted=incidents,
        incidents_left=incidents,
        entry_count=1 if incidents else 0,
        **facts,
    )
    if incidents:
        IncidentEntry.objects.create(
            contract=made,
            sequence=1,
            kind=IncidentEntry.Kind.GRANTED,
            quantity=incidents,
            balance_after=incidents,
            reason="activated",
            at=activated_at,
        )
    for holder_account in registered_to:
        registration(made, holder_account)
    return made


def registration(
    contract: Contract, account: Account, *, at: datetime = NOW - timedelta(days=30)
) -> Registration:
    """The contract stands on the account."""
    return Registration.objects.create(contract=contract, account=account, registered_at=at)


def case(
    *,
    submitted_by: Account | None = None,
    contract: Contract | None = None,
    of: Version | None = None,
    others: tuple[Account, ...] = (),
    now: datetime = NOW,
    **wanted: Any,
) -> Case:
    """A case opened through the deed: `submitted_by` is its primary contact, `others` additional
    ones. `contract` defaults to a fresh one on that account, `of` to a fresh version."""
    owner = submitted_by or account()
    version_of_it = of or version(slug=f"v{next(_numbers)}")
    paid_by = contract or contract_for_case(owner)
    request = CaseRequest(
        **{
            "product": version_of_it.product.slug,
            "version": version_of_it.slug,
            "title": "The nightly job stops halfway",
            "description": "It stops after a minute, each night since Sunday.",
            "contract": paid_by.public_id.hex,
            "severity": "B",
            "country": owner.country,
            "time_zone": owner.time_zone,
            "primary_contact": PrimaryContact(
                given_name=owner.person.given_name,
                family_name=owner.person.family_name,
                email=owner.email,
                language=owner.language,
            ),
            "additional_contacts": tuple(
                AdditionalContact(
                    given_name=other.person.given_name,
                    family_name=other.person.family_name,
                    email=other.email,
                )
                for other in others
            ),
        }
        | wanted
    )
    receipt = open_case(wanted=request, by=owner, now=now)
    return Case.objects.get(number=receipt.number)


def contract_for_case(owner: Account) -> Contract:
    """A contract with five incidents, registered to `owner`."""
    return contract(registered_to=(owner,))


def draft(account: Account, *, at: datetime = NOW, **answers: Any) -> Draft:
    """What the account began to write, with the profile's values where `answers` say nothing."""
    return save_draft(
        account=account,
        draft=Draft(account=account),
        answers=first_answers(account) | answers,
        confirmed=(),
        now=at,
    )


def article(
    slug: str = "",
    *,
    audience: str = "public",
    products: tuple[str, ...] = (),
    keywords: tuple[str, ...] = (),
    cs: tuple[str, str] | None = ("Fronta tisku stojí", "Restartujte službu."),
    en: tuple[str, str] | None = ("The print queue has stopped", "Restart the service."),
) -> Article:
    """A published article, loaded as from a file; `cs` and `en` are title and text."""
    slug = slug or f"article-{next(_numbers)}"
    texts = {
        language: {"title": text[0], "body": text[1]}
        for language, text in (("cs", cs), ("en", en))
        if text
    }
    row = {
        "id": slug,
        "audience": audience,
        "products": list(products),
        "keywords": list(keywords),
        "texts": texts,
    }
    load_articles({"version": 1, "articles": [row]}, now=NOW)
    return Article.objects.get(slug=slug)


def words(text: str) -> dict[str, str]:
    """The same words in both languages."""
    return {"cs": text, "en": text}


def diagnosis(slug: str = "", *, audience: str = "public", article: str = "") -> Diagnosis:
    """Two questions: "yes", "yes" leads to `article`, all else to a support request."""
    slug = slug or f"diagnosis-{next(_numbers)}"
    end = {"text": words("Restart it."), **({"article": article} if article else {})}
    row = {
        "id": slug,
        "audience": audience,
        "title": words("It does not print"),
        "about": words("Paper, queue, driver."),
        "start": "power",
        "steps": {
            "power": {
                "question": words("Is it switched on?"),
                "answers": [{"id": "yes", "label": words("Yes"), "next": "queue"}],
                "unknown": "queue",
            },
            "queue": {
                "question": words("Does the queue move?"),
                "answers": [
                    {"id": "yes", "label": words("Yes, it moves"), "next": "end"},
                    {"id": "no", "label": words("No"), "next": "ask"},
                ],
                "unknown": "ask",
            },
            "end": end,
            "ask": {"text": words("Somebody has to look at it.")},
        },
    }
    load_articles({"version": 1, "diagnoses": [row]}, now=NOW)
    return Diagnosis.objects.get(slug=slug)
