"""What the demo's people have read, whom they share with, what they said when all was over."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from django.db.models import F

from opora.accounts.models import Account
from opora.cases.actions import (
    add_group,
    join_group,
    name_group,
    rate_case,
    switch_groups,
)
from opora.cases.models import Case, CaseContact, CaseReader, Rating
from opora.cli.demo.people import People

READ_UNTIL = timedelta(days=2)
RATED = 400
SHARED = 4
COMMENTS = {
    "cs": {
        5: ["Rychlé a věcné, děkujeme.", "Hned první rada pomohla.", ""],
        4: ["Vyřešeno, jen jsme čekali do druhého dne.", ""],
        3: ["Nakonec ano, ale dvakrát jsme posílali totéž.", ""],
        2: ["Odpovědi přicházely pozdě.", ""],
        1: ["Museli jsme si poradit sami."],
    },
    "en": {
        5: ["Quick and to the point, thank you.", "The first advice was right.", ""],
        4: ["Solved, though it took until the next day.", ""],
        3: ["In the end yes, but we sent the same log twice.", ""],
        2: ["The answers came late.", ""],
        1: ["We had to find out ourselves."],
    },
}


def build(random: Random, people: People, *, now: datetime) -> None:
    CaseReader.objects.filter(last_activity_at__lt=now - READ_UNTIL).update(
        seen_at=F("last_activity_at")
    )
    _share(people, now=now)
    _rate(random, now=now)
    _go_on(people.personal)


def _share(people: People, *, now: datetime) -> None:
    """The work account's employer has groups, and shares what is open with one of them."""
    company, petr = people.organizations[0], people.work
    group = add_group(organization=company, name="IT provoz", by=None, now=now)
    for account in Account.objects.filter(memberships__organization=company).order_by("pk"):
        join_group(group=group, account=account, by=None, now=now)
    switch_groups(organization=company, on=True, by=None, now=now)
    own = Case.objects.filter(contacts__bindings__account=petr).order_by("-last_activity_at")
    for case in own[:SHARED]:
        name_group(case=case, group=group, by=petr, now=now)


def _rate(random: Random, *, now: datetime) -> None:
    closed = Case.objects.filter(status="closed", was_ever_owned=True).order_by("-closed_at", "pk")
    keys = list(closed.values_list("pk", flat=True))
    some = random.sample(keys, min(RATED, len(keys)))
    for case in closed.filter(pk__in=some):
        bound = case.contacts.filter(role=CaseContact.Role.PRIMARY, bindings__isnull=False)
        account = Account.objects.filter(contact_bindings__contact__in=bound).first()
        if account is None:
            continue
        [score] = random.choices((5, 4, 3, 2, 1), (48, 30, 12, 6, 4))
        comment = random.choice(COMMENTS[account.language][score])
        rating = rate_case(case=case, score=score, comment=comment, by=account, now=now)
        at = min(now, (case.closed_at or now) + timedelta(hours=random.randint(1, 60)))
        Rating.objects.filter(pk=rating.pk).update(answered_at=at, changed_at=at)


def _go_on(account: Account) -> None:
    """One of the account's requests goes on from one that was closed before it."""
    own = Case.objects.filter(contacts__bindings__account=account).order_by("-submitted_at")
    for newer in own[:20]:
        older = own.filter(closed_at__lt=newer.submitted_at).first()
        if older is not None:
            Case.objects.filter(pk=newer.pk).update(follows=older)
            return
