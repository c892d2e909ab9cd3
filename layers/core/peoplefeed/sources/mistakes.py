"""Mistakes in a manifest: where each is, and what would be right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from peoplefeed.sources.manifest import FieldRule, SourceManifest
from peoplefeed.sources.paginators import Cursor, LinkHeader, NoPages, Offset, PageNumber, StartIndex
from peoplefeed.sources.parts import Part
from peoplefeed.sources.request import ApiKey, Basic, Bearer, NoAuth, RateLimit, Request, is_secret_of

_PARTS: Mapping[str, type[Part]] = MappingProxyType({"request": Request, "rate_limit": RateLimit, "fields": FieldRule})
_CHOICES: Mapping[str, Mapping[str, type[Part]]] = MappingProxyType(
    {
        "auth": {"none": NoAuth, "bearer": Bearer, "basic": Basic, "api_key": ApiKey},
        "paginator": {
            "none": NoPages,
            "link-header": LinkHeader,
            "cursor": Cursor,
            "page": PageNumber,
            "offset": Offset,
            "start-index": StartIndex,
        },
    }
)

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
    try:
        return SourceManifest.model_validate_json(text)
    except ValidationError as error:
        raise ManifestError([_mistake(detail) for detail in error.errors(include_url=False)]) from None


def check_tenant(manifest: SourceManifest, tenant: str) -> None:
    """Refuse a manifest whose secret is not its tenant's.

    Raises:
        ManifestError: the secret is called after another tenant.
    """
    if manifest.secret and not is_secret_of(manifest.secret, tenant):
        remedy = f"the secrets of tenant {tenant} are called peoplefeed/sources/{tenant}/NAME; rename it."
        raise ManifestError([Mistake("auth.secret", remedy)])


def _mistake(detail: ErrorDetails) -> Mistake:
    place, message = _place(detail["loc"]), _sentence(detail)
    text = ".".join(place) or "manifest"
    if detail["type"] == "value_error" and not place and ": " in message:  # of the manifest as a whole
        text, message = message.split(": ", 1)
    return Mistake(text, message)


def _place(loc: _Place) -> list[str]:
    """Return the keys that lead to a mistake, without what pydantic adds: the choice of a union, `[key]`."""
    keys = [str(part) for part in loc if part != "[key]"]
    return keys[:1] + keys[2:] if keys and keys[0] in _CHOICES else keys


def _sentence(detail: ErrorDetails) -> str:
    context: Mapping[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return _unknown_key(detail["loc"])
        case "missing":
            return f"it is missing. {_description(detail['loc'])}".rstrip()
        case "union_tag_invalid" | "union_tag_not_found":
            return f"its type must be one of {', '.join(_CHOICES[str(detail['loc'][0])])}."
        case "value_error" | "json_invalid":
            return str(context["error"])
        case _:
            return f"{detail['msg'][:1].lower()}{detail['msg'][1:]}."


def _unknown_key(loc: _Place) -> str:
    known = list(_model_at(loc).model_fields)
    near = get_close_matches(str(loc[-1]), known, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}."
    return f"there is no such key; {remedy}"


def _description(loc: _Place) -> str:
    field = _model_at(loc).model_fields.get(str(loc[-1]))
    return field.description or "" if field else ""


def _model_at(loc: _Place) -> type[Part]:
    """Return the part of a manifest that the last key of a place belongs to."""
    match loc:
        case [str(part), str(choice), _] if part in _CHOICES:
            return _CHOICES[part][choice]
        case [str(part), *_, _] if part in _PARTS:
            return _PARTS[part]
        case _:
            return SourceManifest
