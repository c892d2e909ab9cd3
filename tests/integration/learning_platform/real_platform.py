"""scim2-server in a thread: a real peer, which enforces unique userNames, and unique addresses if a test likes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import urllib3
from scim2_models import UniquenessException
from scim2_server.memory import InMemoryStorage
from scim2_server.testserver.application import BearerTokenApplication
from scim2_server.testserver.cli import ThreadingWSGIServer
from scim2_server.utils import load_default_provider

TOKEN = "let-me-in"
_CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@dataclass(frozen=True, slots=True)
class RealPlatform:
    """Where it is, and what is on it."""

    url: str
    storage: InMemoryStorage

    def add(self, **attributes: Any) -> str:
        """Make an account as the platform's own administrators do, and return its id."""
        return str(self._ask("POST", "/Users", {"schemas": [_CORE], **attributes})["id"])

    def change(self, account: str, **attributes: Any) -> None:
        """Change an account as the platform's own administrators do."""
        operation = {"op": "replace", "value": attributes}
        self._ask("PATCH", f"/Users/{account}", {"schemas": [_PATCH], "Operations": [operation]})

    def account(self, account: str) -> dict[str, Any]:
        """Everything that an account says of itself."""
        return self._ask("GET", f"/Users/{account}")

    def _ask(self, method: str, path: str, document: Mapping[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}
        answer = urllib3.request(method, f"{self.url}{path}", json=document, headers=headers)
        assert answer.status < 300, answer.data
        found: dict[str, Any] = answer.json() if answer.data else {}
        return found

    def accounts(self) -> dict[str, dict[str, Any]]:
        """Everybody who has an external ID, by that."""
        users = [resource.model_dump() for resource in self.storage.resources]
        return {user["externalId"]: user for user in users if user.get("externalId")}

    def shown(self, external_id: str) -> dict[str, Any]:
        """What the platform shows of someone, flat."""
        user = self.accounts()[external_id]
        name, enterprise = user.get("name", {}), user.get(_ENTERPRISE, {})
        return {
            "user_name": user["userName"],
            "names": (name.get("givenName"), name.get("familyName")),
            "emails": [email["value"] for email in user.get("emails", ())],
            "active": user["active"],
            "title": user.get("title"),
            "roles": [role["value"] for role in user.get("roles", ())],
            "department": enterprise.get("department"),
            "organization": enterprise.get("organization"),
            "employee_number": enterprise.get("employeeNumber"),
        }


class UniqueAddresses(InMemoryStorage):
    """Accounts of which no two have an address in common, active or not."""

    def _check_uniqueness(self, resource: Any, values: dict[str, Any]) -> None:
        super()._check_uniqueness(resource, values)
        mine = _addresses(resource)
        if any(mine & _addresses(other) for other in self.resources if other.id != resource.id):
            raise UniquenessException


def _addresses(resource: Any) -> set[str]:
    return {str(email.value).lower() for email in resource.emails or ()}


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Be quiet."""


@contextmanager
def running_real_platform(*, unique_addresses: bool = False) -> Iterator[RealPlatform]:
    """Run scim2-server in a thread of its own."""
    storage = UniqueAddresses() if unique_addresses else InMemoryStorage()
    application = BearerTokenApplication(storage, load_default_provider(), bearer_tokens=[TOKEN])
    server = make_server("127.0.0.1", 0, application, server_class=ThreadingWSGIServer, handler_class=_Quiet)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield RealPlatform(f"http://127.0.0.1:{server.server_port}/v2", storage)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
