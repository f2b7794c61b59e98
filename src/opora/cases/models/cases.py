"""Cases, the queues they wait in, the people on them, and who reads them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Case as Sql
from django.db.models import Exists, F, OuterRef, Q, When

from opora.accounts.models import Account, Group
from opora.cases import states
from opora.catalog.models import Problem, Product, Version
from opora.contracts.models import Contract, PlanVersion
from opora.core.ids import PublicIdField
from opora.core.locking import LockingQuerySet
from opora.core.prepared import Param


class Severity(models.TextChoices):
    A = "A"
    B = "B"
    C = "C"


class QueueQuerySet(models.QuerySet["Queue"]):
    def seen_by(self, agent: Account) -> Self:
        """The queues whose cases an agent sees (S8.1): all of them for administrators."""
        return self if agent.is_administrator else self.holding(agent.pk)

    def holding(self, agent: int | Param) -> Self:
        """The queues that hold an agent."""
        member = QueueMember.objects.filter(queue=OuterRef("pk"), account=agent)
        return self.filter(Q(holds_every_agent=True) | Exists(member))


class Queue(models.Model):
    """Agents who see a case before and beside its owner (S8.1)."""

    id = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=60, unique=True)
    names = models.JSONField()  # {"cs", "en"}
    holds_every_agent = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)

    objects = QueueQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="queue_one_default"
            ),
        ]


class QueueMember(models.Model):
    id = models.BigAutoField(primary_key=True)
    queue = models.ForeignKey(Queue, models.CASCADE, related_name="members")
    account = models.ForeignKey(Account, models.CASCADE, related_name="queue_memberships")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["queue", "account"], name="queue_member_is_one"),
        ]


# 0 until an agent has written what contacts can read, then 1: an order, and part of an index.
IS_ANSWERED = Sql(When(first_responded_at__isnull=True, then=0), default=1)


class CaseQuerySet(LockingQuerySet["Case"]):
    def visible_to(self, viewer: Account) -> Self:
        """The one rule of who sees a case (I6), for one case at a time: lists of customers start at
        CaseReader, lists of agents at a queue."""
        if viewer.is_administrator:
            return self
        return self.seen_by_agent(viewer.pk) if viewer.is_agent else self.read_by(viewer.pk)

    def read_by(self, customer: int | Param) -> Self:
        """The customers' half of the rule."""
        return self.filter(Exists(CaseReader.objects.filter(case=OuterRef("pk"), account=customer)))

    def written_by(self, customer: int | Param) -> Self:
        """Of what a customer reads, what is theirs to change: members of a group only read."""
        rows = CaseReader.objects.filter(case=OuterRef("pk"), account=customer, is_contact=True)
        return self.filter(Exists(rows))

    def seen_by_agent(self, agent: int | Param) -> Self:
        """The agents' half of it; administrators see every case."""
        return self.filter(Q(owner=agent) | Q(queue__in=Queue.objects.holding(agent)))


class Case(models.Model):
    class Status(models.TextChoices):
        SUBMITTED = "submitted"
        ASSIGNED = "assigned"  # an agent owns it
        IN_PROGRESS = "in_progress"  # first agent message
        WAITING_FOR_CUSTOMER = "waiting_for_customer"  # an agent's message that asks
        RESOLVED = "resolved"  # an agent proposes an outcome
        CLOSED = "closed"

    class Outcome(models.TextChoices):
        SOLVED = "solved"
        WORKAROUND = "workaround"
        PRODUCT_DEFECT = "product_defect"
        DUPLICATE = "duplicate"
        OUT_OF_SCOPE = "out_of_scope"
        WITHDRAWN = "withdrawn"
        NO_REPLY = "no_reply"

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(max_length=16, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField()
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    problem = models.ForeignKey(Problem, models.PROTECT, null=True, related_name="+")
    is_production = models.BooleanField(default=True)

    # What it was admitted by; kept for good (S12).
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="cases")
    plan_version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    admitted_phase = models.CharField(max_length=20)
    admitted_generation = models.PositiveSmallIntegerField(null=True)
    admitted_by = models.JSONField()  # the decision: facts it looked at, as codes

    severity = models.CharField(max_length=1, choices=Severity)
    is_round_the_clock = models.BooleanField(default=False)
    country = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=64)
    language = models.CharField(max_length=2)  # the primary contact's

    status = models.CharField(max_length=20, choices=Status, default=Status.SUBMITTED)
    status_since = models.DateTimeField()
    third_party_reason = models.CharField(max_length=500, default="")  # set: a third party's turn
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="cases")
    owner = models.ForeignKey(Account, models.PROTECT, null=True, related_name="owned_cases")
    was_ever_owned = models.BooleanField(default=False)
    submitted_by = models.ForeignKey(Account, models.PROTECT, related_name="submitted_cases")
    submitted_at = models.DateTimeField()
    response_due_at = models.DateTimeField()
    first_responded_at = models.DateTimeField(null=True)
    proposed_outcome = models.CharField(max_length=20, default="", choices=Outcome, blank=True)
    outcome = models.CharField(max_length=20, default="", choices=Outcome, blank=True)
    closed_at = models.DateTimeField(null=True)
    unit_returned_at = models.DateTimeField(null=True)
    last_activity_at = models.DateTimeField()
    # The one group whose members read it, if a contact named one (S8.5), and since when.
    group = models.ForeignKey(
        Group, models.SET_NULL, null=True, related_name="cases", db_index=False
    )
    group_named_at = models.DateTimeField(null=True)
    # The closed case that this one goes on from.
    follows = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="followed_by", db_index=False
    )
    # Grows with every change; who acts on an older one is told what changed (F-32).
    revision = models.PositiveIntegerField(default=1)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_round_the_clock=False) | Q(severity="A"),
                name="case_round_the_clock_is_critical",
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False) & ~Q(outcome="")
                | ~Q(status="closed") & Q(closed_at__isnull=True, outcome=""),
                name="case_closed_has_outcome",
            ),
            models.CheckConstraint(
                condition=Q(status="submitted", owner__isnull=True)
                | Q(status="closed")
                | ~Q(status__in=["submitted", "closed"]) & Q(owner__isnull=False),
                name="case_owner_fits_status",
            ),
        ]
        indexes: ClassVar = [
            # The agents' queue: open cases by what is due, unanswered ones first, and by activity.
            models.Index(
                F("queue"),
                IS_ANSWERED,
                F("response_due_at"),
                F("id"),
                condition=~Q(status="closed"),
                name="case_open_by_due",
            ),
            models.Index(
                fields=["queue", "-last_activity_at", "-id"],
                condition=~Q(status="closed"),
                name="case_open_by_activity",
            ),
            # New ones that nobody has taken, among however many open ones.
            models.Index(
                fields=["queue", "response_due_at", "id"],
                condition=Q(status="submitted"),
                name="case_unassigned",
            ),
            # Agents' search: newest cases, open or closed, of a queue and of an owner.
            models.Index(fields=["queue", "-last_activity_at", "-id"], name="case_by_activity"),
            models.Index(
                fields=["owner", "-last_activity_at", "-id"],
                condition=Q(owner__isnull=False),
                name="case_by_owner",
            ),
            # An agent's own open cases, among however many closed ones.
            models.Index(
                fields=["owner", "-last_activity_at", "-id"],
                condition=~Q(status="closed"),
                name="case_mine",
            ),
            models.Index(fields=["contract", "-id"], name="case_by_contract"),
            models.Index(
                fields=["closed_at"], condition=Q(closed_at__isnull=False), name="case_closed"
            ),
            # Few cases have either.
            models.Index(
                fields=["group", "id"], condition=Q(group__isnull=False), name="case_by_group"
            ),
            models.Index(
                fields=["follows"], condition=Q(follows__isnull=False), name="case_following"
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.status != self.Status.CLOSED

    @property
    def turn(self) -> states.Turn | None:
        return states.turn(self.status, self.third_party_reason)

    def is_overdue(self, now: datetime) -> bool:
        return states.is_overdue(
            status=self.status,
            due_at=self.response_due_at,
            responded_at=self.first_responded_at,
            now=now,
        )


class CaseContact(models.Model):
    """A person on a case, known by address; may have no account yet (S8.4)."""

    class Role(models.TextChoices):
        PRIMARY = "primary"
        ADDITIONAL = "additional"

    class Channel(models.TextChoices):
        EMAIL = "email"
        PHONE = "phone"

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    case = models.ForeignKey(Case, models.CASCADE, related_name="contacts")
    role = models.CharField(max_length=10, choices=Role)
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100, blank=True)
    email = models.CharField(max_length=254)
    email_key = models.CharField(max_length=320)
    phone = models.CharField(max_length=40, default="", blank=True)
    preferred_contact = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    language = models.CharField(max_length=2, default="")  # empty: the case's
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        Account, models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "email_key"], name="contact_address_in_case"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(role="primary"), name="contact_one_primary"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["email_key"], name="contact_by_address"),
            models.Index(fields=["added_by", "-id"], name="contact_by_adder"),
        ]

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


class ContactBinding(models.Model):
    """The account behind a contact: at most one of each kind, bound when it proved the address, and
    kept for good: a freed address gives its next owner nothing (S8.4)."""

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(CaseContact, models.CASCADE, related_name="bindings")
    account = models.ForeignKey(Account, models.CASCADE, related_name="contact_bindings")
    account_kind = models.CharField(max_length=20)
    bound_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contact", "account_kind"], name="binding_one_a_kind"),
        ]


# Something happened since the account last opened the case, or it never has.
IS_UNREAD = Q(seen_at__isnull=True) | Q(last_activity_at__gt=F("seen_at"))


class CaseReader(models.Model):
    """Which account may read a case: one row each, written in the changing deed.

    Repeats the case's state and activity, so that a customer's list is one walk along an index.
    Derived from contacts with their bindings, and from the members of the case's group; `opora
    verify` proves that it equals them (I6). `seen_at` is the account's own: how far it has read.
    """

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="readers")
    account = models.ForeignKey(
        Account, models.CASCADE, related_name="readable_cases", db_index=False
    )
    is_contact = models.BooleanField(default=True)  # false: reads it through the group alone
    is_open = models.BooleanField(default=True)
    is_customers_turn = models.BooleanField(default=False)
    last_activity_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)  # the activity it has seen; null: never opened

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "account"], name="reader_is_one"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "-last_activity_at", "-case"], name="reader_list"),
            models.Index(
                fields=["account", "is_open", "-last_activity_at", "-case"],
                name="reader_list_state",
            ),
            models.Index(fields=["account", "-case"], name="reader_list_submitted"),
            # The few that wait for a contact, and the few with something new, among however many.
            models.Index(
                fields=["account", "-last_activity_at", "-case"],
                condition=Q(is_customers_turn=True),
                name="reader_list_waiting",
            ),
            models.Index(
                fields=["account", "-last_activity_at", "-case"],
                condition=IS_UNREAD,
                name="reader_list_unread",
            ),
        ]


class Rating(models.Model):
    """What a contact says of a closed case: one answer an account, which may be changed. It stays
    when the contact leaves, so that what was counted stays counted."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="ratings")
    account = models.ForeignKey(Account, models.CASCADE, related_name="ratings")
    score = models.PositiveSmallIntegerField()  # 1 very dissatisfied … 5 very satisfied
    comment = models.CharField(max_length=2000, default="", blank=True)
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="+")  # as it was when answered
    owner = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")  # likewise
    answered_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "account"], name="rating_one_an_account"),
            models.CheckConstraint(
                condition=Q(score__gte=1, score__lte=5), name="rating_is_one_to_five"
            ),
        ]
        indexes: ClassVar = [
            # To be counted by month, by queue, by agent, without a look at cases.
            models.Index(fields=["answered_at", "queue", "owner", "score"], name="rating_counted"),
        ]
