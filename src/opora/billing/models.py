"""Purchases of incidents, the money that moves for them, and the papers about it.

Amounts are minor units of an ISO 4217 currency; prices include tax. What a provider knows about a
payment is its own; here stands what Opora has learned of it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from opora.accounts.models import Account
from opora.billing.states import OPEN
from opora.contracts.models import Contract, PlanVersion
from opora.core.ids import PublicIdField
from opora.core.locking import LockingQuerySet


class ProviderCustomer(models.Model):
    """Under which name a provider knows an account: saved cards hang on it (S7.3)."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="provider_customers")
    provider = models.CharField(max_length=20)
    reference = models.CharField(max_length=100)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "provider"], name="customer_is_one"),
            models.UniqueConstraint(fields=["provider", "reference"], name="customer_reference"),
        ]


class Purchase(models.Model):
    """One pack of incidents that an account buys, at a price that only the server ever names
    (PA-05), and the one payment for it.

    The payment's key is the public id: stored before a provider is asked for the first time, and
    the same in every try (PA-02, PA-03). Captured and granted stand or fall together: `contract` is
    there exactly when the money is (S7.5, I3).
    """

    class State(models.TextChoices):
        CREATED = "created"  # priced; no provider knows of it
        CALLING = "calling"  # a provider is being asked, or waits for the customer's bank
        AWAITING = "awaiting"  # paid outside: the vendor confirms by hand
        UNKNOWN = "unknown"  # no answer came: asked again by the same key, never charged again
        DECLINED = "declined"  # may be tried again with another card: it is still one payment
        CAPTURED = "captured"
        CANCELLED = "cancelled"  # given up, and nobody can charge it any more

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    number = models.CharField(max_length=10, unique=True)  # digits: also a bank's payment reference
    account = models.ForeignKey(Account, models.PROTECT, related_name="purchases")
    plan_version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="purchases")
    # The profile's country when payment starts (S7.5).
    country = models.CharField(max_length=2)
    # The support request it was begun in: the public id of a draft.
    draft = models.UUIDField(null=True)
    incidents = models.PositiveIntegerField()
    has_round_the_clock = models.BooleanField()
    amount = models.PositiveBigIntegerField()  # tax included
    tax = models.PositiveBigIntegerField()
    tax_rate = models.PositiveIntegerField()  # basis points: 2100 is 21 %
    currency = models.CharField(max_length=3)
    provider = models.CharField(max_length=20, default="", blank=True)  # chosen when paying
    reference = models.CharField(max_length=100, default="", blank=True)  # the provider's
    attempts = models.PositiveSmallIntegerField(default=0)
    answered = models.PositiveSmallIntegerField(default=0)  # the last attempt that got an answer
    state = models.CharField(max_length=10, choices=State, default=State.CREATED)
    state_at = models.DateTimeField()
    created_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)  # when the last attempt began
    agreed_at = models.DateTimeField(null=True)  # to the services agreement (S7.4)
    decline_code = models.CharField(max_length=40, default="", blank=True)
    card_brand = models.CharField(max_length=20, default="", blank=True)
    card_last4 = models.CharField(max_length=4, default="", blank=True)
    captured_at = models.DateTimeField(null=True)
    contract = models.OneToOneField(Contract, models.PROTECT, null=True, related_name="purchase")
    # What went back: refunds that are done.
    refunded = models.PositiveBigIntegerField(default=0)
    # A charge-back, or something that does not add up: somebody has to look (F-11).
    flagged_at = models.DateTimeField(null=True)

    objects = LockingQuerySet["Purchase"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="captured", contract__isnull=False, captured_at__isnull=False)
                | Q(contract__isnull=True, captured_at__isnull=True) & ~Q(state="captured"),
                name="purchase_grants_what_is_captured",
            ),
            models.CheckConstraint(
                condition=Q(refunded=0) | Q(state="captured", refunded__lte=F("amount")),
                name="purchase_not_refunded_beyond",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, tax__lt=F("amount"), incidents__gt=0),
                name="purchase_costs_something",
            ),
            # Two tabs, two clicks: one purchase (PA-02).
            models.UniqueConstraint(
                fields=["account", "draft"],
                condition=Q(state__in=OPEN),
                name="purchase_open_is_one_a_draft",
            ),
            models.UniqueConstraint(
                fields=["provider", "reference"],
                condition=~Q(reference=""),
                name="purchase_is_one_payment",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "-created_at", "-id"], name="purchase_of_account"),
            models.Index(fields=["-created_at", "-id"], name="purchase_newest"),
            models.Index(fields=["state", "-created_at", "-id"], name="purchase_by_state"),
            # What hardly any purchase has is found without reading those that have it not.
            models.Index(fields=["country", "-created_at", "-id"], name="purchase_by_country"),
            models.Index(fields=["currency", "-created_at", "-id"], name="purchase_by_currency"),
            models.Index(fields=["provider", "-created_at", "-id"], name="purchase_by_provider"),
            models.Index(
                fields=["-created_at", "-id"],
                condition=Q(flagged_at__isnull=False),
                name="purchase_flagged",
            ),
            models.Index(
                fields=["called_at"],
                condition=Q(state__in=("calling", "unknown")),
                name="purchase_unsettled",
            ),
        ]

    @property
    def key(self) -> str:
        """What a provider is told to recognise the payment by, in every try the same."""
        return str(self.public_id.hex)

    @property
    def has_a_price_there(self) -> bool:
        """A provider has a payment for it, or may have without our knowing: from then on its key
        stands for this amount (PA-03)."""
        return bool(self.reference) or self.attempts > 0

    @property
    def left_to_refund(self) -> int:
        """How much of a captured payment has not gone back, in minor units."""
        return self.amount - self.refunded if self.captured_at else 0


class Refund(models.Model):
    """Money that goes back, whole or part, and the unused incidents that are taken for it first.

    Rows without `requested_by` were made at the provider's own desk and only recorded here.
    """

    class State(models.TextChoices):
        REQUESTED = "requested"  # above the limit: waits for a second person
        CALLING = "calling"  # incidents are taken; the provider is being asked
        UNKNOWN = "unknown"
        DONE = "done"
        REFUSED = "refused"  # by the provider: incidents are given back
        WITHDRAWN = "withdrawn"  # by a person, before anything moved

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="refunds")
    amount = models.PositiveBigIntegerField()
    incidents = models.PositiveIntegerField()  # taken back
    reason = models.CharField(max_length=40)  # a code of billing.refunds.REASONS
    state = models.CharField(max_length=10, choices=State)
    state_at = models.DateTimeField()
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    consented_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    reference = models.CharField(max_length=100, default="", blank=True)  # the provider's

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_of_something"),
            models.CheckConstraint(
                condition=Q(consented_by__isnull=True) | ~Q(consented_by=F("requested_by")),
                name="refund_needs_a_second_person",
            ),
            # One at a time: what is left to refund cannot be promised twice (PA-07).
            models.UniqueConstraint(
                fields=["purchase"],
                condition=Q(state__in=("requested", "calling", "unknown")),
                name="refund_open_is_one",
            ),
            models.UniqueConstraint(
                fields=["purchase", "reference"],
                condition=~Q(reference=""),
                name="refund_is_recorded_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["purchase", "-requested_at", "-id"], name="refund_of_purchase"),
            models.Index(
                fields=["requested_at", "id"],
                condition=Q(state="requested"),
                name="refund_waits_for_consent",
            ),
        ]


class Dispute(models.Model):
    """A charge-back: recorded and flagged; what happened before stays as it was (F-11)."""

    class State(models.TextChoices):
        OPEN = "open"
        WON = "won"  # the vendor keeps the money
        LOST = "lost"

    id = models.BigAutoField(primary_key=True)
    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="disputes")
    reference = models.CharField(max_length=100, unique=True)
    amount = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=60)  # the provider's code
    state = models.CharField(max_length=10, choices=State)
    opened_at = models.DateTimeField()
    state_at = models.DateTimeField()


class ProviderNotice(models.Model):
    """What a provider sent, as it came, after its signature was checked; handled once (WH-05,
    WH-06). It only says which payment to look at: the truth is asked from the provider."""

    class Outcome(models.TextChoices):
        WAITING = "waiting"
        SETTLED = "settled"  # the payment was looked at
        IGNORED = "ignored"  # about nothing that concerns a payment
        UNKNOWN_PAYMENT = "unknown_payment"  # kept; reconciliation looks again (F-10)

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=20)
    event = models.CharField(max_length=100)  # the provider's id of it
    kind = models.CharField(max_length=80)
    reference = models.CharField(max_length=100, default="", blank=True)  # of the payment
    body = models.TextField()
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=16, choices=Outcome, default=Outcome.WAITING)
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "event"], name="notice_is_kept_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"],
                condition=Q(outcome__in=("waiting", "unknown_payment")),
                name="notice_unsettled",
            ),
        ]


class Discrepancy(models.Model):
    """Where a provider's books and ours differ, found by reconciliation; an alarm was raised."""

    class Kind(models.TextChoices):
        MISSING_HERE = "missing_here"  # charged there, and no purchase of ours knows of it
        MISSING_THERE = "missing_there"  # captured here, and there not
        AMOUNT = "amount"  # another amount or currency
        REFUNDED = "refunded"  # another amount went back

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=20)
    reference = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=Kind)
    purchase = models.ForeignKey(Purchase, models.PROTECT, null=True, related_name="discrepancies")
    theirs = models.PositiveBigIntegerField()
    ours = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    found_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)  # when the books agreed again, or it was seen to
    # Whoever saw to it by other means: the same difference is not told again.
    accepted_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "reference", "kind"],
                condition=Q(resolved_at__isnull=True),
                name="discrepancy_open_is_one",
            ),
        ]


class PaperSeries(models.Model):
    """Numbers of papers, without gaps: the row is locked while one is given (`R2026` and so on)."""

    code = models.CharField(primary_key=True, max_length=8)
    last = models.PositiveIntegerField()


class Paper(models.Model):
    """A receipt, or a credit note for a refund, as it was issued: it never changes again.

    It keeps the words of seller and buyer, which the law wants to stay as they were.
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt"
        CREDIT_NOTE = "credit_note"

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="papers")
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, related_name="paper")
    issued_on = models.DateField()  # a day in the vendor's zone
    issued_at = models.DateTimeField()
    amount = models.PositiveBigIntegerField()
    tax = models.PositiveBigIntegerField()
    seller = models.JSONField()  # {"name", "lines": [address, numbers…]}
    buyer = models.JSONField()  # {"name", "company", "email", "country"}

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["purchase"], condition=Q(kind="receipt"), name="receipt_is_one"
            ),
            models.CheckConstraint(
                condition=Q(kind="receipt", refund__isnull=True)
                | Q(kind="credit_note", refund__isnull=False),
                name="credit_note_is_of_a_refund",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["purchase", "id"], name="paper_of_purchase"),
        ]


class OutsidePayment(models.Model):
    """The books of the provider "outside": what is to be paid by transfer, and whether it came.

    They stand beside purchases as any provider's books would: nothing else reads them, and their
    instants are the database's own.
    """

    class State(models.TextChoices):
        OPEN = "open"
        PENDING = "pending"  # the customer was told where to send the money
        CAPTURED = "captured"  # an administrator saw it
        CANCELLED = "cancelled"

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    key = models.CharField(max_length=64, unique=True)  # that of the charge
    number = models.CharField(max_length=10)  # what the customer writes on the transfer
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    refunded = models.PositiveBigIntegerField(default=0)
    opened_at = models.DateTimeField(db_default=Now())

    objects = LockingQuerySet["OutsidePayment"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(refunded=0) | Q(state="captured", refunded__lte=F("amount")),
                name="outside_not_refunded_beyond",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["opened_at", "id"], name="outside_payment_opened"),
        ]


class OutsideRefund(models.Model):
    """Money that the vendor sends back by transfer."""

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    payment = models.ForeignKey(OutsidePayment, models.PROTECT, related_name="refunds")
    key = models.CharField(max_length=64)
    amount = models.PositiveBigIntegerField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="outside_refund_of_something"),
            models.UniqueConstraint(fields=["payment", "key"], name="outside_refund_is_made_once"),
        ]
