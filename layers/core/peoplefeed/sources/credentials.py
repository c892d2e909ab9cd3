"""How a source shows who it is: what its requests are signed with, from a secret that is kept nowhere."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from peoplefeed.sources.auth import ApiKey, Basic, Bearer, is_secret_of
from peoplefeed.sources.trouble import SourceTrouble, refused

_LONG_ENOUGH = 8
_REDACTED = b"[secret]"

MISSING = "ResourceNotFoundException"
"""What Secrets Manager calls a secret that is not there."""

type Secrets = Callable[[str], str]
"""Reads a secret by its name; LookupError with Secrets Manager's code where it cannot be read."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Headers, query parameters, places in a body that show who we are; `renew` gets others when these have expired."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, str] = field(default_factory=dict, repr=False)
    renew: "Callable[[], Credentials] | None" = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def redacted(self, content: bytes) -> bytes:
        """Return content without our secrets: an HR system may repeat what it was asked with."""
        for secret in self.secrets:
            if len(secret) >= _LONG_ENOUGH:
                content = content.replace(secret.encode(), _REDACTED)
        return content


def of_secret(auth: Bearer | Basic | ApiKey, secret: str) -> Credentials:
    """Return the credentials that a secret is.

    Raises:
        SourceTrouble: the secret does not fit into a request.
    """
    match auth:
        case Bearer(scheme=scheme):
            return Credentials({"Authorization": f"{scheme} {secret}"}, secrets=(secret,))
        case Basic(secret=name):
            user, password = pair_of(secret, name, "username", "password")
            return Credentials({"Authorization": basic(user, password)}, secrets=(secret, password))
        case ApiKey(query=str(parameter)):
            return Credentials(query={parameter: secret}, secrets=(secret,))
        case ApiKey(body=str(place)):
            return Credentials(body={place: secret}, secrets=(secret,))
        case ApiKey(header=header):
            return Credentials({header or "X-API-Key": secret}, secrets=(secret,))


def basic(user: str, password: str) -> str:
    """Return the header `Authorization` of a user and a password (RFC 7617)."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def secret_of(secrets: Secrets, tenant: str, name: str) -> str:
    """Return a secret of a tenant.

    Raises:
        SourceTrouble: it cannot be read, is another tenant's, or cannot be sent.
    """
    if not is_secret_of(name, tenant):
        raise refused(f"the secret '{name}' is not one of tenant {tenant}.")
    try:
        text = secrets(name).strip()
    except LookupError as error:
        raise _unreadable(name, str(error)) from error
    if not can_be_sent(text):
        # Said here, because the HTTP library would repeat the secret in its complaint.
        raise refused(f"auth.secret: the secret '{name}' is empty or holds characters that a header cannot.")
    return text


def can_be_sent(text: str) -> bool:
    """Whether a secret has nothing in it that no header takes."""
    return bool(text) and text.isascii() and text.isprintable()


def _unreadable(name: str, code: str) -> SourceTrouble:
    """Say what to do, in words that are right wherever the secret is missing: in the feed log, too."""
    if code == MISSING:
        return refused(
            f"auth.secret: there is no secret '{name}' in Secrets Manager. "
            f"Store it: peoplefeed secret {name} (on AWS with --stack NAME)."
        )
    return refused(
        f"auth.secret: the secret '{name}' cannot be read ({code}). "
        "It must be a text, and have the encryption key that Secrets Manager itself has."
    )


def pair_of(text: str, name: str, first: str, second: str) -> tuple[str, str]:
    """Read `user:password`, or what Secrets Manager itself makes: JSON with `username` and `password`."""
    try:
        if text.startswith("{"):
            pair = json.loads(text)
            return str(pair[first]), str(pair[second])
        user, colon, password = text.partition(":")
    except (ValueError, KeyError):
        raise _incomplete_secret(name, first, second) from None
    if not colon:
        raise _incomplete_secret(name, first, second)
    return user, password


def _incomplete_secret(name: str, first: str, second: str) -> SourceTrouble:
    return refused(f"the secret '{name}' lacks {first} or {second}.")
