"""Signing in to a deployed stack: an ID token of its user pool."""

from __future__ import annotations

import base64
import getpass
import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from command.errors import CommandError, UsageError

if TYPE_CHECKING:
    from command.connection import Place

TOKEN, EMAIL, PASSWORD = "PEOPLEFEED_TOKEN", "PEOPLEFEED_EMAIL", "PEOPLEFEED_PASSWORD"

_REFUSED = {"NotAuthorizedException", "UserNotFoundException", "InvalidPasswordException"}


@dataclass(frozen=True, slots=True)
class Claims:
    """What an ID token says of its holder."""

    tenant: str
    user: str


def claims(token: str) -> Claims:
    """Read a token. Whether it is genuine is for the API to judge; the command only wants to know whose it is."""
    try:
        payload = token.split(".")[1]
        read = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return Claims(read["custom:tenant"], read.get("email") or read["cognito:username"])
    except (IndexError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"The token (in {TOKEN}?) is no ID token of a tenant's user.") from error


def token(place: Place) -> str:
    """Return an ID token: the one in the environment, or a new one for an e-mail address and its password."""
    if given := os.environ.get(TOKEN):
        return given
    email, password = _credentials()
    try:
        return _token_of(place.client("cognito-idp"), place, email, password)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _REFUSED:
            raise
        raise CommandError(f"{place.name} does not let {email} in: {error.response['Error']['Message']}") from error


def _token_of(pool: Any, place: Place, email: str, password: str) -> str:  # noqa: ANN401 - a client of boto3
    client_id = place.user_pool_client
    given = {"USERNAME": email, "PASSWORD": password}
    answer = pool.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given)
    if answer.get("ChallengeName") == "NEW_PASSWORD_REQUIRED":  # the first time, with the password of the invitation
        name = answer["ChallengeParameters"].get("USER_ID_FOR_SRP", email)  # here an address is not taken for a name
        chosen = {"USERNAME": name, "NEW_PASSWORD": _new_password()}
        challenge = {"ChallengeName": answer["ChallengeName"], "Session": answer["Session"]}
        answer = pool.respond_to_auth_challenge(ClientId=client_id, **challenge, ChallengeResponses=chosen)
    if "AuthenticationResult" not in answer:
        asked = answer.get("ChallengeName")
        raise CommandError(f"{place.name} asks {email} for {asked}: sign in elsewhere and set {TOKEN}.")
    return str(answer["AuthenticationResult"]["IdToken"])


def _credentials() -> tuple[str, str]:
    email, password = os.environ.get(EMAIL), os.environ.get(PASSWORD)
    if email and password:
        return email, password
    _need_terminal()
    print("E-mail of your peoplefeed user: ", end="", file=sys.stderr, flush=True)
    return email or sys.stdin.readline().strip(), password or getpass.getpass("Password: ")


def _new_password() -> str:
    _need_terminal()
    return getpass.getpass("Choose a new password: ")


def _need_terminal() -> None:
    if not sys.stdin.isatty():
        raise UsageError(f"Sign in first: set {TOKEN} to an ID token, or {EMAIL} and {PASSWORD}.")
