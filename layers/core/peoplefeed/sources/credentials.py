"""How a source shows who it is: headers made of a secret that is read when it is needed and kept nowhere."""

import json
from base64 import b64encode

from botocore.exceptions import ClientError

from peoplefeed.deployment import Deployment
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.request import ApiKey, Basic, Bearer, NoAuth, is_secret_of
from peoplefeed.sources.trouble import refused


def credentials(deployment: Deployment, tenant: str, manifest: SourceManifest) -> dict[str, str]:
    """Return the headers that a source's requests are signed with.

    Raises:
        SourceTrouble: the secret cannot be read, is another tenant's, or does not fit into a header.
    """
    match manifest.auth:
        case NoAuth():
            return {}
        case Bearer(secret=name):
            return {"Authorization": f"Bearer {_secret(deployment, tenant, name)}"}
        case Basic(secret=name):
            pair = _user_and_password(_secret(deployment, tenant, name), name)
            return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        case ApiKey(secret=name, header=header):
            return {header: _secret(deployment, tenant, name)}


def _secret(deployment: Deployment, tenant: str, name: str) -> str:
    if not is_secret_of(name, tenant):
        raise refused(f"the secret '{name}' is not one of tenant {tenant}.")
    try:
        text = deployment.secrets.get_secret_value(SecretId=name)["SecretString"].strip()
    except (ClientError, KeyError) as error:
        raise refused(f"the secret '{name}' cannot be read.") from error
    if not text or not text.isascii() or not text.isprintable():
        # Said here, because the HTTP library would repeat the secret in its complaint.
        raise refused(f"the secret '{name}' is empty or holds characters that a header cannot.")
    return text


def _user_and_password(text: str, name: str) -> str:
    """Read `user:password`, or what Secrets Manager itself makes: JSON with `username` and `password`."""
    if not text.startswith("{"):
        return text
    try:
        pair = json.loads(text)
        return f"{pair['username']}:{pair['password']}"
    except (ValueError, KeyError):
        raise refused(f"the secret '{name}' lacks username or password.") from None
