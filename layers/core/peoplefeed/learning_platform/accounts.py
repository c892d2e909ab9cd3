"""Accounts as a platform shows them (RFC 7644 §3.4.2): pages of them, whatever their form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Account:
    """Someone on the platform. `shown` is everything that it says of them."""

    id: str
    external_id: str | None
    user_name: str
    emails: tuple[str, ...] = ()
    shown: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Page:
    """Some accounts. `total` is how many the platform says that there are."""

    accounts: list[Account]
    total: int


def page_in(document: Mapping[str, Any]) -> Page:
    """Return the accounts of an answer; what is no account is left out."""
    resources = document.get("Resources")
    shown = resources if isinstance(resources, list) else []
    found = [account for one in shown if isinstance(one, dict) and (account := account_in(one))]
    total = document.get("totalResults")
    return Page(found, total if isinstance(total, int) else len(found))


def account_in(document: Mapping[str, Any]) -> Account | None:
    """Return the account that a platform shows, None if it shows something else."""
    return _account(document) if "id" in document else None


def _account(shown: Mapping[str, Any]) -> Account:
    external_id = shown.get("externalId")
    return Account(
        id=str(shown["id"]),
        external_id=str(external_id) if external_id else None,
        user_name=str(shown.get("userName", "")),
        emails=addresses_in(shown.get("emails")),
        shown=shown,
    )


def addresses_in(emails: object) -> tuple[str, ...]:
    """Return the addresses that an account has."""
    found = emails if isinstance(emails, list) else []
    return tuple(str(email["value"]) for email in found if isinstance(email, dict) and email.get("value"))
