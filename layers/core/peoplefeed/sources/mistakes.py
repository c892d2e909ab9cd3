"""Mistakes in a manifest: where each is, and what would be right."""

import codecs
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from urllib3.util import parse_url

from peoplefeed.sources.addresses import LOCAL_HOST, may_be_public
from peoplefeed.sources.auth import ApiKey, Basic, Bearer, NoAuth, OAuth2, is_secret_of
from peoplefeed.sources.connection import is_allowed
from peoplefeed.sources.incremental import Incremental
from peoplefeed.sources.manifest import FieldRule, SourceManifest, Split
from peoplefeed.sources.pagination import ContentRange, Cursor, LinkHeader, NoPages, Offset, PageNumber, StartIndex
from peoplefeed.sources.parts import Part
from peoplefeed.sources.request import RateLimit, Request
from peoplefeed.sources.thresholds import Thresholds

_PARTS: Mapping[str, type[Part]] = MappingProxyType(
    {
        "request": Request,
        "details": Request,
        "rate_limit": RateLimit,
        "incremental": Incremental,
        "thresholds": Thresholds,
        "split": Split,
    }
)
_CHOICES: Mapping[str, Mapping[str, type[Part]]] = MappingProxyType(
    {
        "auth": {"none": NoAuth, "bearer": Bearer, "basic": Basic, "api_key": ApiKey, "oauth2": OAuth2},
        "paginator": {
            "none": NoPages,
            "link-header": LinkHeader,
            "cursor": Cursor,
            "page": PageNumber,
            "offset": Offset,
            "start-index": StartIndex,
            "content-range": ContentRange,
        },
    }
)

_ENUM = re.compile(r"<\w+\.\w+: ('[^']+')>")

_TEXT_OR_LIST = "_as_text"
_INNER = re.compile(r"^(?:function-\w+|list)\[")
"""What pydantic adds to a place: which of the allowed types it tried."""
_EXAMPLES = {
    "": "like those in sources/.",
    "auth": 'like {"type": "bearer", "secret": "peoplefeed/sources/TENANT/NAME"}.',
    "paginator": 'like {"type": "page", "param": "page"}.',
    "request": 'like {"path": "/employees", "query": {"sort": "id"}}.',
    "details": 'like {"path": "/employees/{id}"}.',
    "incremental": 'like {"query": {"since": "{since}"}}.',
    "fields": 'like {"external_id": "id", "first_name": "firstName"}.',
    "values": 'like {"Employed": "Active", "Left": "Inactive"}.',
    "split": 'like {"by": " ", "part": "first"}.',
    "rate_limit": 'like {"requests_per_minute": 60}.',
    "thresholds": 'like {"leavers_percent": 20}.',
}

type _Place = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: the place, like `paginator.size`, and a sentence that says what would be right."""

    place: str
    message: str


class ManifestError(ValueError):
    """A manifest that cannot be used, with every mistake in it."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        """Take the mistakes; the message is one line for each."""
        super().__init__("\n".join(f"{mistake.place}: {mistake.message}" for mistake in mistakes))
        self.mistakes = tuple(mistakes)


def parse_manifest(text: str | bytes) -> SourceManifest:
    """Return the manifest that a JSON document holds.

    Raises:
        ManifestError: what is wrong with it, at its place, with what would be right.
    """
    content = (text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text).removeprefix(codecs.BOM_UTF8)
    if twice := _keys_that_stand_twice(content):
        raise ManifestError([Mistake(key, "it stands twice; leave one of them.") for key in twice])
    try:
        return SourceManifest.model_validate_json(content)
    except ValidationError as error:
        found = [mistake for detail in error.errors(include_url=False) for mistake in _mistakes(detail)]
        raise ManifestError(tuple(dict.fromkeys(found))) from None


def _keys_that_stand_twice(content: bytes) -> list[str]:
    """Name the keys of which the library would take the last one without a word."""
    twice: list[str] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        twice.extend(key for key, number in Counter(key for key, _ in pairs).items() if number > 1)

    with suppress(ValueError, RecursionError):  # what is not JSON is a mistake of its own
        json.loads(content, object_pairs_hook=look)
    return twice


def check_tenant(manifest: SourceManifest, tenant: str) -> None:
    """Refuse a manifest whose secret is not its tenant's.

    Raises:
        ManifestError: the secret is called after another tenant.
    """
    if manifest.secret and not is_secret_of(manifest.secret, tenant):
        remedy = f"the secrets of tenant {tenant} are called peoplefeed/sources/{tenant}/NAME; rename it."
        raise ManifestError([Mistake("auth.secret", remedy)])


def check_place(manifest: SourceManifest, tenant: str, hosts: tuple[str, ...], *, local: bool) -> None:
    """Refuse a manifest that cannot be polled in a deployment which may ask certain hosts only.

    Raises:
        ManifestError: its secret is another tenant's, or its address is none that the deployment may ask.
    """
    check_tenant(manifest, tenant)
    addresses = {"base_url": manifest.base_url}
    if isinstance(manifest.auth, OAuth2):
        addresses["auth.token_url"] = manifest.auth.token_url
    found = [
        Mistake(place, why) for place, url in addresses.items() if url and (why := _why_not(url, hosts, local=local))
    ]
    if found:
        raise ManifestError(found)


def _why_not(address: str, hosts: tuple[str, ...], *, local: bool) -> str | None:
    url = parse_url(address)
    if url.host == LOCAL_HOST:
        return None if local else "127.0.0.1 is for the local stage; give the address of the HR system."
    if not may_be_public(url.host or ""):
        return f"'{url.host}' is not on the public internet; give the address that the HR system has there."
    if is_allowed(url.host or "", hosts):
        return None
    return f"this deployment may ask {', '.join(hosts)} only; add '{url.host}' to its parameter SourceHosts."


def _mistakes(detail: ErrorDetails) -> list[Mistake]:
    place, message = ".".join(_walked(detail["loc"])[0]), _sentence(detail)
    if detail["type"] == "value_error" and not place:  # of the manifest as a whole
        return [Mistake(*line.split(": ", 1)) for line in message.splitlines()]
    return [Mistake(place or "manifest", message)]


def _sentence(detail: ErrorDetails) -> str:
    context: Mapping[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return _unknown_key(detail["loc"])
        case "missing":
            return f"it is missing. {_description(detail['loc'])}".rstrip()
        case "union_tag_invalid" | "union_tag_not_found":
            return f"its type must be one of {', '.join(_CHOICES[str(detail['loc'][-1])])}."
        case "value_error":
            return str(context["error"])
        case _:
            return _of_form(detail)


def _of_form(detail: ErrorDetails) -> str:
    """Say what a value should look like that is something else altogether."""
    if detail["type"] == "json_invalid":
        return f"it is not JSON: {detail['ctx']['error']}. A manifest is one object of JSON; see sources/."
    if detail["type"] in {"model_type", "model_attributes_type", "dict_type"}:
        return f"write an object, {_example(detail['loc'])}"
    if _TEXT_OR_LIST in str(detail["loc"]):
        return "write a text, a number, true or false, or a list of them."
    said = _ENUM.sub(r"\1", detail["msg"])
    return f"{said[:1].lower()}{said[1:]}."


def _unknown_key(loc: _Place) -> str:
    known = [name for name, field in _walked(loc)[1].model_fields.items() if field.alias is None]
    near = get_close_matches(str(loc[-1]), known, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}."
    return f"there is no such key; {remedy}"


def _example(loc: _Place) -> str:
    place = _walked(loc)[0]
    if place[:1] == ["fields"] and len(place) == 2:  # noqa: PLR2004 - one field of them
        return 'like {"path": "workEmail"}, or only the path: "workEmail".'
    return _EXAMPLES.get(place[-1] if place else "", 'like {"…": "…"}.')


def _description(loc: _Place) -> str:
    field = _walked(loc)[1].model_fields.get(str(loc[-1]))
    return field.description or "" if field else ""


def _walked(loc: _Place) -> tuple[list[str], type[Part]]:
    """Return the keys that lead to a mistake, without what pydantic adds, and the part that the last one belongs to."""
    place: list[str] = []
    here: type[Part] = SourceManifest
    holder = here
    keys = iter(str(key) for key in loc if key != "[key]" and not _INNER.search(str(key)))
    for key in keys:
        place.append(key)
        holder = here
        if key in _CHOICES:
            here = _CHOICES[key].get(next(keys, ""), here)
        elif key == "fields" and (field := next(keys, None)):
            place.append(field)
            here = FieldRule
        else:
            here = _PARTS.get(key, here)
    return place, holder
