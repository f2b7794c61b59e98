"""Plans, contracts, who registered them, and the incident ledger."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from opora.accounts.models import Account, Organization, Person
from opora.contracts.ids import grouped
from opora.core.ids import PublicIdField
from opora.core.locking import LockingQuerySet


class Plan(models.Model):
    """What is sold or granted. Names may change (aliases keep the old ones findable); terms may
    not: they are versions."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=100, unique=True)
    names = models.JSONField()  # {"cs", "en"}
    aliases = models.JSONField(default=list)
    programme = models.CharField(max_length=40, default="")  # partner, developer, assurance, ppi
    legacy = models.BooleanField(default=False)  # held, issued only with --legacy
    current = models.ForeignKey(
        "PlanVersion", models.PROTECT, null=True, related_name="+"
    )  # what new contracts are issued under

    objects = LockingQuerySet["Plan"].as_manager()


class PlanVersion(models.Model):
    """Immutable terms of a plan: `terms` as in a plans file, under `contracts.terms.Terms`."""

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    terms = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_version_number"),
        ]


class Contract(models.Model):
    """So many incidents until a day. Its balance changes only together with a ledger entry.

    A grant (S2.6) is a contract that is not activated yet: no Contract ID, no dates, no entries.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    # 12 digits, no secret; null until activation.
    contract_id = models.CharField(max_length=12, null=True, unique=True)  # noqa: DJ001 - unique
    # Keyed; empty: nobody can add the contract by its ids.
    access_id_hash = models.CharField(max_length=64, default="", blank=True)
    plan_version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="contracts")
    holder_organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="contracts"
    )
    holder_person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="contracts")
    issued_at = models.DateTimeField()
    activated_on = models.DateField(null=True)  # a day in the vendor's zone
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)  # last usable day, grace included (S11.4)
    suspended_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    term_number = models.PositiveIntegerField(default=1)  # grows with each renewal
    incidents_granted = models.PositiveIntegerField()  # in the current term
    incidents_left = models.IntegerField(default=0)
    # False: bought without what round-the-clock support costs more.
    has_round_the_clock = models.BooleanField(default=True, db_default=True)
    entry_count = models.PositiveIntegerField(default=0)

    objects = LockingQuerySet["Contract"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(incidents_left__gte=0), name="contract_not_overdrawn"
            ),
            models.CheckConstraint(
                condition=Q(holder_organization__isnull=False, holder_person__isnull=True)
                | Q(holder_organization__isnull=True, holder_person__isnull=False),
                name="contract_has_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(activated_on__isnull=True, starts_on__isnull=True, ends_on__isnull=True)
                | Q(
                    activated_on__isnull=False,
                    contract_id__isnull=False,
                    starts_on__isnull=False,
                    ends_on__gte=F("starts_on"),
                ),
                name="contract_days_fit",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["ends_on"], condition=Q(incidents_left__gt=0), name="contract_to_expire"
            ),
            # Benefits that wait for somebody to activate them.
            models.Index(
                fields=["holder_organization", "-issued_at", "-id"],
                condition=Q(activated_on__isnull=True),
                name="benefit_of_organization",
            ),
        ]

    @property
    def shown_contract_id(self) -> str | None:
        """The Contract ID as people read it, 1234-5678-9012; None until activation."""
        return self.contract_id and grouped(self.contract_id)


class ContractManager(models.Model):
    """An account that manages a contract: named at issue, or the one that activated it (S14.3)."""

    id = models.BigAutoField(primary_key=True)
    contract = models.ForeignKey(Contract, models.CASCADE, related_name="managers")
    account = models.ForeignKey(Account, models.CASCADE, related_name="managed_contracts")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contract", "account"], name="contract_manager_is_one"),
        ]


class Registration(models.Model):
    """A contract associated with an account (S2.3). One row a pair; it can end and begin again."""

    id = models.BigAutoField(primary_key=True)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="registrations")
    account = models.ForeignKey(Account, models.CASCADE, related_name="registrations")
    registered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # By a manager, and then `ended_at` too: adding again gets the neutral answer.
    revoked_at = models.DateTimeField(null=True)

    objects = LockingQuerySet["Registration"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contract", "account"], name="registration_is_one"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["account", "-registered_at", "-id"],
                condition=Q(ended_at__isnull=True),
                name="registration_live",
            ),
            models.Index(
                fields=["contract", "-registered_at", "-id"], name="registration_of_contract"
            ),
        ]


class Invitation(models.Model):
    """A link that adds a contract to one account, once, within 72 hours (S14.1).

    Only a keyed hash of its secret is kept. `sent_to`: the address it was mailed to, if any; the
    link opens for whoever has it, not for that address alone.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    contract = models.ForeignKey(Contract, models.CASCADE, related_name="invitations")
    secret_hash = models.CharField(max_length=64, unique=True)
    sent_to = models.CharField(max_length=254, default="", blank=True)
    made_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")  # or operator
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = LockingQuerySet["Invitation"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=True, used_by__isnull=True)
                | Q(
                    used_at__isnull=False,
                    used_by__isnull=False,
                    revoked_at__isnull=True,
                    used_at__lt=F("expires_at"),
                ),
                name="invitation_is_used_by_one",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["contract", "-made_at", "-id"], name="invitation_newest"),
        ]

    def state_at(self, now: datetime) -> str:
        """`open`, `used`, `revoked` or `expired`."""
        if self.used_at is not None:
            return "used"
        if self.revoked_at is not None:
            return "revoked"
        return "open" if now < self.expires_at else "expired"


class Notice(models.Model):
    """A warning that was sent about a contract's term, once each (S13.5)."""

    class Code(models.TextChoices):
        ENDING_60 = "ending_60"  # so many days before the last usable one
        ENDING_30 = "ending_30"
        ENDING_7 = "ending_7"
        ONE_LEFT = "one_left"

    id = models.BigAutoField(primary_key=True)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="notices")
    term_number = models.PositiveIntegerField()
    code = models.CharField(max_length=20, choices=Code)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["contract", "term_number", "code"], name="notice_is_sent_once"
            ),
        ]


class IncidentEntry(models.Model):
    """One line of the incident ledger: written once, never changed (S13.1).

    `quantity` is signed. `sequence` counts a contract's entries from 1 without gaps;
    `balance_after` is the one before plus `quantity`, which a trigger enforces on both engines.
    Another trigger refuses any update or delete.
    """

    class Kind(models.TextChoices):
        GRANTED = "granted"  # +n at activation or renewal
        CONSUMED = "consumed"  # -1 for a case
        RETURNED = "returned"  # +1, at most once in a case's life
        EXPIRED = "expired"  # -n, what was left when the term ended or was cancelled
        ADJUSTED = "adjusted"  # ±n by an agent, with a reason

    id = models.BigAutoField(primary_key=True)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="entries")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    quantity = models.IntegerField()
    balance_after = models.IntegerField()
    reason = models.CharField(max_length=60)  # a code
    case_number = models.CharField(max_length=16, null=True)  # noqa: DJ001 - none is not ""
    actor_id = models.BigIntegerField(null=True)  # an account's key; null: Opora itself
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contract", "sequence"], name="entry_sequence"),
            models.UniqueConstraint(
                fields=["case_number"], condition=Q(kind="consumed"), name="entry_consumed_once"
            ),
            models.UniqueConstraint(
                fields=["case_number"], condition=Q(kind="returned"), name="entry_returned_once"
            ),
            models.CheckConstraint(
                condition=Q(balance_after__gte=0), name="entry_balance_not_below_zero"
            ),
            models.CheckConstraint(
                condition=Q(kind="granted", quantity__gt=0)
                | Q(kind="consumed", quantity=-1, case_number__isnull=False)
                | Q(kind="returned", quantity=1, case_number__isnull=False)
                | Q(kind="expired", quantity__lt=0)
                | Q(kind="adjusted") & ~Q(quantity=0),
                name="entry_quantity_fits_kind",
            ),
        ]
