"""The demo's HR system and the local learning platform: what they answer."""

import io
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from command.local.hr_server import MOST_PER_PAGE, HrSystem
from command.local.people import editions
from command.local.platform_server import application, url_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

DAYS = editions(7, 300)
TOKEN = "Bearer secret"


@pytest.fixture
def system() -> HrSystem:
    return HrSystem("secret", DAYS)


@pytest.mark.parametrize("authorization", ["", "secret", "Bearer", "Bearer other", "Basic secret", "Bearer sécret"])
@pytest.mark.parametrize(("method", "target"), [("GET", "/employees"), ("POST", "/step"), ("GET", "/nowhere")])
def test_the_hr_system_wants_its_token(system: HrSystem, method: str, target: str, authorization: str) -> None:
    assert system.answer(method, target, authorization)[0] is HTTPStatus.UNAUTHORIZED


def test_the_pages_together_are_everybody_once(system: HrSystem) -> None:
    _, first = system.answer("GET", "/employees?page=1&per_page=70", TOKEN)
    pages = [system.answer("GET", f"/employees?page={page + 1}&per_page=70", TOKEN)[1] for page in range(5)]

    assert (first["page"], first["pages"], first["total"]) == (1, 5, 300)
    assert tuple(row for page in pages for row in page["employees"]) == DAYS[0].employees
    assert system.answer("GET", "/employees?page=6&per_page=70", TOKEN)[1]["employees"] == ()


@pytest.mark.parametrize("query", ["page=0", "page=x", "per_page=0", f"per_page={MOST_PER_PAGE + 1}"])
def test_a_page_that_cannot_be_is_a_sentence(system: HrSystem, query: str) -> None:
    status, answer = system.answer("GET", f"/employees?{query}", TOKEN)

    assert (status, list(answer)) == (HTTPStatus.BAD_REQUEST, ["error"])


def test_each_step_goes_on_to_the_next_edition_and_the_last_one_stays(system: HrSystem) -> None:
    steps = [system.answer("POST", "/step", TOKEN)[1]["edition"] for _ in range(3)]

    assert steps == [1, 2, 2]
    assert system.answer("GET", "/employees", TOKEN)[1]["total"] == len(DAYS[2].employees)


def test_the_hr_system_has_nothing_else(system: HrSystem) -> None:
    assert system.answer("DELETE", "/employees", TOKEN)[0] is HTTPStatus.NOT_FOUND


def test_the_learning_platform_keeps_tenants_apart() -> None:
    platform = application()

    created, person = _call(platform, "POST", "/acme/v2/Users", {"userName": "ann", "externalId": "E1"})
    taken, _ = _call(platform, "POST", "/acme/v2/Users", {"userName": "Ann"})
    theirs, _ = _call(platform, "POST", "/other/v2/Users", {"userName": "ann"})

    assert (created, taken, theirs) == (201, 409, 201)
    assert _call(platform, "GET", "/other/v2/Users", query='filter=externalId eq "E1"')[1]["totalResults"] == 0
    assert _call(platform, "GET", f"/other/v2/Users/{person['id']}")[0] == 404
    assert _call(platform, "GET", "/acme/v2/Users", query='filter=externalId eq "E1"')[1]["totalResults"] == 1


def test_the_learning_platform_wants_its_token_if_it_has_one() -> None:
    platform = application("secret")

    assert _call(platform, "GET", "/acme/v2/Users")[0] == 401
    assert _call(platform, "GET", "/acme/v2/Users", authorization="Bearer other")[0] == 401
    assert _call(platform, "GET", "/acme/v2/Users", authorization=TOKEN)[0] == 200


def test_the_platform_s_address_has_a_place_for_the_tenant() -> None:
    assert url_of(8080).format(tenant="acme") == "http://127.0.0.1:8080/acme/v2"


def _call(
    app: "WSGIApplication", method: str, path: str, document: Any = None, *, query: str = "", authorization: str = ""
) -> tuple[int, Any]:
    user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}
    body = json.dumps(user | document).encode() if document else b""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query.replace(" ", "%20"),
        "CONTENT_TYPE": "application/scim+json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": authorization,
        "HTTP_HOST": "127.0.0.1",
        "SCRIPT_NAME": "",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    }
    answered: list[str] = []

    def start_response(status: str, _headers: object, _error: object = None) -> Any:
        answered.append(status)

    body = b"".join(app(environ, start_response))
    return int(answered[0].split()[0]), json.loads(body) if body else None
