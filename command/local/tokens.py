"""ID tokens of the local stack's user pool: one user for each tenant, made when first asked for."""

from __future__ import annotations

import base64
import json
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from command.local.clients import aws

if TYPE_CHECKING:
    from command.local.stack import Stack

DEFAULT_TENANT = "default"
FILE = "tokens.json"
MARGIN = 300  # seconds before its end at which a token is no longer handed out


def username_for(tenant: str) -> str:
    """Return the e-mail address that a tenant's user signs in with."""
    return f"administrator@{tenant}.example.com"


def token_for(stack: Stack, tenant: str = DEFAULT_TENANT) -> str:
    """Return an ID token of a tenant's user; make the user if there is none."""
    kept = _kept(stack)
    if tenant not in kept or expires_at(kept[tenant]) < time.time() + MARGIN:
        kept[tenant] = _sign_in(stack, tenant)
        _keep(stack, kept)
    return kept[tenant]


def expires_at(token: str) -> float:
    """Return the time at which a token ends."""
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return float(claims["exp"])


def _sign_in(stack: Stack, tenant: str) -> str:
    """Give the tenant's user a new password and sign in with it, so that no password is kept."""
    pool = aws(stack, "cognito-idp")
    username, password = username_for(tenant), f"Aa1!{secrets.token_urlsafe(24)}"
    with suppress(pool.exceptions.UsernameExistsException):
        _create_user(pool, stack.user_pool, username, tenant)
    pool.admin_set_user_password(UserPoolId=stack.user_pool, Username=username, Password=password, Permanent=True)
    answer = pool.admin_initiate_auth(
        UserPoolId=stack.user_pool,
        ClientId=stack.client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": password},
    )
    return str(answer["AuthenticationResult"]["IdToken"])


def _create_user(pool: Any, user_pool: str, username: str, tenant: str) -> None:  # noqa: ANN401 - a client of boto3
    pool.admin_create_user(
        UserPoolId=user_pool,
        Username=username,
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": username},
            {"Name": "email_verified", "Value": "true"},
            {"Name": "custom:tenant", "Value": tenant},
        ],
    )


def _kept(stack: Stack) -> dict[str, str]:
    """Return the tokens by tenant that this very stack gave out."""
    with suppress(FileNotFoundError, ValueError):
        kept: dict[str, str] = json.loads(_file(stack).read_text()).get(stack.user_pool, {})
        return kept
    return {}


def _keep(stack: Stack, tokens: dict[str, str]) -> None:
    write_privately(_file(stack), json.dumps({stack.user_pool: tokens}))


def write_privately(file: Path, text: str) -> None:
    """Write a file for the owner's eyes only, all of it or nothing."""
    unfinished = file.with_suffix(f".{secrets.token_hex(4)}")
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.replace(file)


def _file(stack: Stack) -> Path:
    return Path(stack.directory) / FILE
