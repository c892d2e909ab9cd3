"""Getting the credentials of a poll: from Secrets Manager, and where it takes one, a token from its endpoint."""

import json
import time
from contextlib import closing
from hashlib import sha256
from urllib.parse import quote_plus, urlencode

from botocore.exceptions import ClientError

from peoplefeed.deployment import Deployment
from peoplefeed.sources.auth import NoAuth, OAuth2
from peoplefeed.sources.connection import Safety, World
from peoplefeed.sources.credentials import Credentials, Secrets, basic, of_secret, pair_of, secret_of
from peoplefeed.sources.exchange import Call
from peoplefeed.sources.http import Client
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.trouble import SourceTrouble, refused

_SPARE_SECONDS = 60
_DEFAULT_SECONDS = 300
_TOKEN_BYTES, _TOKEN_SECONDS = 256 * 1024, 60

_tokens: dict[str, tuple[str, float]] = {}
"""Tokens and when they are over, while this process lives, by a digest of all that they depend on."""


def credentials_of(
    tenant: str, manifest: SourceManifest, secrets: Secrets, safety: Safety, world: World
) -> Credentials:
    """Return what a source's requests are signed with.

    Raises:
        SourceTrouble: the secret cannot be read, is another tenant's, or no token is given for it.
    """
    match manifest.auth:
        case NoAuth():
            return Credentials()
        case OAuth2(secret=name) as auth:
            return _with_token(auth, secret_of(secrets, tenant, name), safety, world)
        case auth:
            return of_secret(auth, secret_of(secrets, tenant, auth.secret))


def secrets_manager(deployment: Deployment) -> Secrets:
    """Return how secrets are read in a deployment."""

    def read(name: str) -> str:
        try:
            return deployment.secrets.get_secret_value(SecretId=name)["SecretString"]
        except ClientError as error:
            raise LookupError(error.response["Error"]["Code"]) from None
        except KeyError:
            raise LookupError("it is binary") from None

    return read


def _with_token(auth: OAuth2, secret: str, safety: Safety, world: World) -> Credentials:
    place = sha256(f"{auth.model_dump_json()}\n{secret}".encode()).hexdigest()
    token, over = _tokens.get(place, ("", 0.0))
    if over <= time.monotonic():
        token, seconds = _ask_for_token(auth, secret, safety, world)
        _tokens[place] = token, time.monotonic() + max(0.0, seconds - _SPARE_SECONDS)

    def renew() -> Credentials:
        _tokens.pop(place, None)
        return _with_token(auth, secret, safety, world)

    _, password = _client_of(auth, secret)
    known = (secret, password, token, _grant(secret).get("refresh_token", ""))
    return Credentials({"Authorization": f"{auth.scheme} {token}"}, renew=renew, secrets=known)


def _client_of(auth: OAuth2, secret: str) -> tuple[str, str]:
    return pair_of(secret, auth.secret, "client_id", "client_secret")


def _grant(secret: str) -> dict[str, str]:
    """Return what a token is asked for with, beside the client's own name and secret."""
    refresh = json.loads(secret).get("refresh_token") if secret.startswith("{") else None
    if refresh:
        return {"grant_type": "refresh_token", "refresh_token": str(refresh)}
    return {"grant_type": "client_credentials"}


def _ask_for_token(auth: OAuth2, secret: str, safety: Safety, world: World) -> tuple[str, float]:
    """Return a token and for how many seconds it is good (RFC 6749, 4.4 and 6)."""
    user, password = _client_of(auth, secret)
    form = _grant(secret) | auth.parameters | ({"scope": auth.scope} if auth.scope else {})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if auth.client_in == "header":  # RFC 6749, 2.3.1: both are encoded like a form first
        headers["Authorization"] = basic(quote_plus(user), quote_plus(password))
    else:
        form |= {"client_id": user, "client_secret": password}
    limited = Safety(safety.local, min(safety.seconds, _TOKEN_SECONDS), _TOKEN_BYTES, _TOKEN_BYTES, safety.hosts)
    with closing(Client(auth.token_url, Credentials(), limited, None, world)) as client:
        try:
            answer = client.send(Call(auth.token_url, "POST", headers, urlencode(form).encode()))
        except SourceTrouble as trouble:
            reason = f"no token from '{client.base_url}': {trouble.reason}"
            raise SourceTrouble(trouble.code, reason, pause=trouble.pause) from None
    return _read_token(answer.body)


def _read_token(body: bytes) -> tuple[str, float]:
    try:
        document = json.loads(body)
        token = document["access_token"]
        seconds = float(document.get("expires_in") or _DEFAULT_SECONDS)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        token, seconds = "", 0.0
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise refused("the address for tokens answers with something that holds no token.")
    return token, seconds
