"""Refusals of the accounts context."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from opora.core.errors import Conflict, NotFound, Rejected


@dataclass(eq=False)
class NotAnAddress(Rejected):
    """The text is no address that Opora would mail to (AU-16)."""

    code = "not-an-address"
    title = _("Not an e-mail address")
    sentence = _("Enter an e-mail address, such as name@example.com.")


@dataclass(eq=False)
class NotADomain(Rejected):
    """The text is no mail domain."""

    code = "not-a-domain"
    title = _("Not a mail domain")
    sentence = _("%(domain)s is not a mail domain; enter one such as example.com.")

    domain: str


@dataclass(eq=False)
class AddressTaken(Conflict):
    """An account of this kind, or with this sign-in name, exists."""

    code = "address-taken"
    title = _("The address is taken")
    sentence = _("There is already an account with the address %(address)s.")

    address: str


@dataclass(eq=False)
class DomainTaken(Conflict):
    """A mail domain belongs to one organisation."""

    code = "domain-taken"
    title = _("The domain is taken")
    sentence = _("The domain %(domain)s already belongs to another organization.")

    domain: str


@dataclass(eq=False)
class OrganizationExists(Conflict):
    """Organisations are told apart by their names, whatever the case of letters."""

    code = "organization-exists"
    title = _("The organization exists")
    sentence = _("There is already an organization with the name %(name)s.")

    name: str


@dataclass(eq=False)
class DomainNotAssigned(Conflict):
    """A work account lives in a domain of its organisation (S8.4)."""

    code = "domain-not-assigned"
    title = _("The domain belongs to no organization")
    sentence = _(
        "The domain %(domain)s is not assigned to this account's organization, "
        "so it cannot be an address of a work account."
    )

    domain: str


@dataclass(eq=False)
class AccountNotFound(NotFound):
    """No account has this address."""

    code = "account-not-found"
    title = _("No such account")
    sentence = _("There is no account with the address %(address)s.")

    address: str


@dataclass(eq=False)
class OrganizationNotFound(NotFound):
    """No organisation has this name."""

    code = "organization-not-found"
    title = _("No such organization")
    sentence = _("There is no organization with the name %(name)s.")

    name: str


@dataclass(eq=False)
class AddressIsAmbiguous(Conflict):
    """The address stands on accounts of several kinds; the caller has to name one."""

    code = "address-is-ambiguous"
    title = _("Several accounts have this address")
    sentence = _("Several accounts have the address %(address)s: name the kind, one of %(kinds)s.")

    address: str
    kinds: str


@dataclass(eq=False)
class IdentityNotAccepted(Conflict):
    """The provider signed somebody in whom Opora cannot give a work account (AU-13)."""

    code = "identity-not-accepted"
    title = _("You cannot be signed in with this work account")
    sentence = _(
        "Your organization's sign-in service vouched for an address that it cannot vouch for here, "
        "or that another account already has. Ask your administrator, or sign in with a personal "
        "account."
    )


@dataclass(eq=False)
class AccountIsInactive(Conflict):
    """A deactivated account gets nothing."""

    code = "account-is-inactive"
    title = _("The account was deactivated")
    sentence = _("This account was deactivated.")


@dataclass(eq=False)
class NotOfTheOrganization(Conflict):
    """Only people of an organization are in its groups (S8.5)."""

    code = "not-of-the-organization"
    title = _("Not one of the organization's people")
    sentence = _("%(address)s is no account of the organization %(organization)s.")

    address: str
    organization: str
