"""Who asks: the tenant comes from the ID token and from nothing else."""

import re
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent

from peoplefeed.api.errors import Reason, Refusal

_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class Caller:
    """An administrator of one tenant. `subject` is their account in the user pool."""

    tenant: str
    subject: str


def caller_of(event: BaseProxyEvent) -> Caller:
    """Return who sent a request.

    The authorizer lets access tokens through as well, which say no tenant. A tenant that is not a slug could name
    another one's keys.

    Raises:
        Refusal: the token is not an ID token, or belongs to no tenant.
    """
    claims = _claims(event.raw_event)
    if claims.get("token_use") != "id":
        raise Refusal(Reason.TOKEN_REFUSED, "This token says nothing about who you are. Send the ID token.")
    tenant = claims.get("custom:tenant")
    if not isinstance(tenant, str) or not _TENANT.fullmatch(tenant):
        raise Refusal(Reason.TOKEN_REFUSED, "Your account belongs to no tenant. Ask the operator to add it to one.")
    return Caller(tenant, str(claims.get("sub", "")))


def _claims(event: dict[str, Any]) -> dict[str, Any]:
    authorizer = (event.get("requestContext") or {}).get("authorizer") or {}
    claims = authorizer.get("claims") or {}
    return claims if isinstance(claims, dict) else {}
