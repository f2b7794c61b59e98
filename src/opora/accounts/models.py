"""People, accounts, organisations: who somebody is, and which addresses they have proved."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q

from opora.core.ids import PublicIdField
from opora.core.locking import LockingQuerySet


class Organization(models.Model):
    """A customer's company: has mail domains, may have an identity provider and hold contracts."""

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200, unique=True)  # case-folded
    created_at = models.DateTimeField()
    # Whether a request may be shared with a group of its people (S8.5). Off unless asked for.
    has_groups = models.BooleanField(default=False)


class MailDomain(models.Model):
    """A mail domain belongs to one organisation (IDNA, lower case)."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253, unique=True)


class IdentityProvider(models.Model):
    """The OpenID provider of one organisation. An identity is a subject of it, never an address."""

    id = models.BigAutoField(primary_key=True)
    organization = models.OneToOneField(
        Organization, models.CASCADE, related_name="identity_provider"
    )
    slug = models.CharField(max_length=40, unique=True)  # in sign-in addresses; random
    issuer = models.URLField(max_length=500)
    client_id = models.CharField(max_length=200)
    client_secret = models.CharField(max_length=500)


class Person(models.Model):
    """The one place where an account's name stands. Erasure blanks it; evidence keeps the key."""

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


class AccountManager(BaseUserManager["Account"]):
    def get_queryset(self) -> LockingQuerySet[Account]:
        return LockingQuerySet[Account](self.model, using=self._db).select_related("person")

    def locked(self) -> LockingQuerySet[Account]:
        return self.get_queryset().locked()


class Account(AbstractBaseUser):
    """Somebody who signs in, with the profile whose values are defaults of each request (S5.2)."""

    class Kind(models.TextChoices):
        PERSONAL = "personal"  # e-mail and password of its own
        WORK = "work"  # through the employer's identity provider
        AGENT = "agent"  # answers requests
        ADMINISTRATOR = "administrator"  # an agent who sees every case

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    person = models.OneToOneField(Person, models.PROTECT, related_name="account")
    kind = models.CharField(max_length=20, choices=Kind)
    email = models.CharField(max_length=254)  # where mail goes; on a work account no sign-in name
    email_key = models.CharField(max_length=320)
    # The sign-in name of accounts with a password; null on work accounts, so that one address may
    # stand on a personal and on a work account.
    login_email = models.CharField(max_length=254, null=True, unique=True)  # noqa: DJ001
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="accounts"
    )  # of a work account: the one whose provider signs it in
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    country = models.CharField(max_length=2, default="")
    time_zone = models.CharField(max_length=64, default="")
    language = models.CharField(max_length=2, default="")
    phone = models.CharField(max_length=40, default="", blank=True)
    company = models.CharField(max_length=200, default="", blank=True)
    profile_completed_at = models.DateTimeField(null=True)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "login_email"
    EMAIL_FIELD = "login_email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "email_key"], name="account_kind_and_address"),
            models.CheckConstraint(
                condition=Q(kind="work", organization__isnull=False, login_email__isnull=True)
                | Q(organization__isnull=True) & ~Q(kind="work"),
                name="account_work_has_organization",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["email_key"], name="account_by_address")]

    def __str__(self) -> str:
        # Never an address or a name: this ends up in tracebacks and logs.
        return f"account {self.public_id.hex}"

    @property
    def is_agent(self) -> bool:
        """Agents and administrators work at the desk."""
        return self.kind in (self.Kind.AGENT, self.Kind.ADMINISTRATOR)

    @property
    def is_administrator(self) -> bool:
        return self.kind == self.Kind.ADMINISTRATOR

    @property
    def has_profile(self) -> bool:
        return self.profile_completed_at is not None

    @property
    def mail_key(self) -> str:
        """The key of queued jobs whose mail goes to this account."""
        return f"account:{self.pk}"

    @property
    def full_name(self) -> str:
        return self.person.full_name

    def get_full_name(self) -> str:
        return self.person.full_name


class Membership(models.Model):
    """An account's role in an organisation."""

    class Role(models.TextChoices):
        MEMBER = "member"
        MANAGER = "manager"  # may manage the organisation's contracts

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role, default=Role.MEMBER)

    objects = LockingQuerySet["Membership"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "account"], name="membership_is_one"),
        ]


class Group(models.Model):
    """People of one organisation who may be let into a request together (S8.5).

    Whoever changes who is in a group, or on which request it is named, locks it, so that neither
    misses the other.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="groups")
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=100)  # case-folded
    created_at = models.DateTimeField()

    objects = LockingQuerySet["Group"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "name_key"], name="group_name_is_one"),
        ]


class GroupMember(models.Model):
    """An account in a group: always one that belongs to the group's organisation."""

    id = models.BigAutoField(primary_key=True)
    group = models.ForeignKey(Group, models.CASCADE, related_name="members")
    account = models.ForeignKey(Account, models.CASCADE, related_name="group_memberships")
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "account"], name="group_member_is_one"),
        ]


class WorkIdentity(models.Model):
    """The subject by which a provider knows a work account. Bound once, at the first sign-in."""

    id = models.BigAutoField(primary_key=True)
    account = models.OneToOneField(Account, models.CASCADE, related_name="work_identity")
    provider = models.ForeignKey(IdentityProvider, models.PROTECT, related_name="identities")
    subject = models.CharField(max_length=255)
    bound_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "subject"], name="work_identity_is_one"),
        ]


class ProvedAddress(models.Model):
    """An address that an account has shown to be its own. S8.4 reads only this table.

    `released_at` is set when the account lets the address go: what it was bound to stays bound, and
    the next owner of the address gets none of it.
    """

    class How(models.TextChoices):
        MAIL = "mail"  # followed a link mailed to it
        PROVIDER = "provider"  # its organisation's provider says so, in the organisation's domain
        OPERATOR = "operator"  # `opora accounts create`

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE, related_name="proved_addresses")
    address_key = models.CharField(max_length=320)
    how = models.CharField(max_length=10, choices=How)
    proved_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "address_key"], name="proved_address_is_one"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["address_key"],
                condition=Q(released_at__isnull=True),
                name="proved_address_held",
            ),
        ]


class ApiToken(models.Model):
    """A bearer token: 256 random bits, kept as a hash, scoped, expiring, revocable (AU-09)."""

    class Scope(models.TextChoices):
        READ = "read"
        WRITE = "write"

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    account = models.ForeignKey(Account, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, default="", blank=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.WRITE)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)  # to the hour
    revoked_at = models.DateTimeField(null=True)


class Session(AbstractBaseSession):
    """A signed-in browser. Knows its account, so that both are loaded in one statement and that
    deactivation and the sessions page find it."""

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="sessions")
    public_id = PublicIdField()
    started_at = models.DateTimeField(null=True)
    user_agent = models.CharField(max_length=300, default="")

    @classmethod
    def get_session_store_class(cls) -> type:
        from opora.accounts.sessions import SessionStore

        return SessionStore
