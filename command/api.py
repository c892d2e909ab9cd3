"""A client of peoplefeed's own API: a token, JSON, pages."""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any, Self
from urllib.parse import quote

import urllib3
from urllib3.exceptions import HTTPError

from command.errors import ApiRefused, NotReachable, UsageError

type Item = dict[str, Any]
type Filters = Mapping[str, str | int | None]

PAGE = 1000

_RETRIES = urllib3.Retry(
    total=4,
    backoff_factor=0.3,
    backoff_jitter=0.2,
    status_forcelist={429, 502, 503, 504},
    retry_after_max=30,
    redirect=0,
    raise_on_status=False,
)


def segment(name: str) -> str:
    """Return a name as one segment of a path. Left as it is, `..` would mean what stands above."""
    return quote(name, safe="") if name.strip(".") else name.replace(".", "%2E")


class Api:
    """The API of one deployment, as one tenant sees it."""

    def __init__(self, url: str, token: str, *, place: str) -> None:
        """Take the API's URL, an ID token, and how to call the place in a sentence."""
        self._url = url.rstrip("/")
        self._place = place
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        timeout = urllib3.Timeout(connect=5, read=35)  # API Gateway gives up after 29 s
        self._http = urllib3.PoolManager(timeout=timeout, retries=_RETRIES)

    def __enter__(self) -> Self:
        """Begin to use the connections."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._http.clear()

    def get(self, path: str, **filters: str | int | None) -> Item:
        """Return what the API says of `path`."""
        given = {name: str(value) for name, value in filters.items() if value is not None}
        return self._answer("GET", path, fields=given)

    def text(self, path: str, *, accept: str) -> Iterator[bytes]:
        """Yield what is at `path` in another form than JSON, page by page."""
        cursor: str | None = None
        while True:
            given = {} if cursor is None else {"cursor": cursor}
            response = self._response("GET", path, headers=self._headers | {"Accept": accept}, fields=given)
            if response.status >= HTTPStatus.BAD_REQUEST:
                self._understood(response.status, response.data)
            yield response.data
            cursor = response.headers.get("X-Next-Cursor")
            if not cursor:
                return

    def post(self, path: str, document: Item) -> Item:
        """Create something."""
        return self._answer("POST", path, json=document)

    def put(self, path: str, document: Item) -> Item:
        """Create or replace something."""
        return self._answer("PUT", path, json=document)

    def delete(self, path: str) -> Item:
        """Remove something."""
        return self._answer("DELETE", path)

    def ask(self, method: str, path: str, document: Item | None = None) -> Item:
        """Ask for a change and wait a little; return what became of it, or under `run` or `runs` what is under way."""
        headers = self._headers | {"Prefer": "wait=10"}
        response = self._response(method, path, headers=headers, **({} if document is None else {"json": document}))
        return self._understood(response.status, response.data)

    def every(self, noun: str, *, limit: int | None = None, **filters: str | int | None) -> Iterator[Item]:
        """Yield the items of `/noun` page by page, to the end or as many as `limit`."""
        pages = self.pages(noun, min(limit or PAGE, PAGE), filters)
        return islice((item for page in pages for item in page[_LISTS[noun]]), limit)

    def pages(self, noun: str, size: int, filters: Filters) -> Iterator[Item]:
        """Yield the pages of `/noun` as the API answers them."""
        cursor: str | None = None
        while True:
            page = self.get(f"/{noun}", limit=size, cursor=cursor, **filters)
            yield page
            cursor = page.get("cursor")
            if not cursor:
                return

    def _answer(self, method: str, path: str, **request: Any) -> Item:  # noqa: ANN401 - urllib3's own arguments
        response = self._response(method, path, headers=self._headers, **request)
        return self._understood(response.status, response.data)

    def _response(self, method: str, path: str, **request: Any) -> urllib3.BaseHTTPResponse:  # noqa: ANN401 - the same
        if "" in path.split("/")[1:]:
            raise UsageError("Say which one is meant: a name or an ID is empty.")
        try:
            return self._http.request(method, self._url + path, **request)
        except HTTPError as error:
            raise NotReachable(f"{self._place} does not answer at {self._url}. Is it still running?") from error

    def _understood(self, status: int, body: bytes) -> Item:
        document = _json(body)
        if status < HTTPStatus.BAD_REQUEST:
            return document
        code, message = document.get("code"), document.get("message")
        if code is None and status in _NOT_LET_IN:  # API Gateway's own words, which explain nothing
            message = f"{self._place} does not accept the token. Sign in again."
        sentence = message or f"{self._place} answered with the status {status}."
        raise ApiRefused(status, code or str(status), sentence, document)


_NOT_LET_IN = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_LISTS = {"runs": "runs", "log": "entries", "employees": "employees", "problems": "problems", "sources": "sources"}


def _json(body: bytes) -> Item:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
