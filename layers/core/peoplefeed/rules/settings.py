"""What a tenant can set: limits of safeguards, shared addresses, how uploads are written (section 6, 3.3, 3.12)."""

import codecs
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from peoplefeed.rules.emails import InvalidEmail, email_key
from peoplefeed.rules.fields import COLUMNS, is_date_form

_MOST_SHARED = 1000


def _is_encoding(name: str) -> str:
    try:
        "".encode(name)  # refuses what is a codec but not of text, like base64
        return codecs.lookup(name).name
    except LookupError as error:
        raise ValueError(f"'{name}' is not an encoding; common ones are cp1252, utf-8 and iso-8859-15") from error


def _is_date_form(form: str) -> str:
    if not is_date_form(form):
        raise ValueError("it needs DD, MM and YYYY once each, with separators between them, like DD/MM/YYYY")
    return form


def _as_keys(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """2.4: two spellings of one address are one."""
    try:
        return tuple(sorted({email_key(address) for address in addresses}))
    except InvalidEmail as error:
        raise ValueError(f"it holds something that is not an e-mail address: {error}") from error


def _as_fields(columns: Mapping[str, str]) -> dict[str, str]:
    """2.2: a source's own name of a column to ours, or to the field."""
    known = {name.casefold(): field for field, column in COLUMNS.items() for name in (field, column)}
    unknown = [ours for ours in columns.values() if ours.strip().casefold() not in known]
    if unknown:
        raise ValueError(f"there is no column '{unknown[0]}'; there are {', '.join(COLUMNS.values())}")
    return {theirs.strip(): known[ours.strip().casefold()] for theirs, ours in columns.items()}


def _is_no_flag(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("it needs a number")  # noqa: TRY004 - pydantic makes a ValidationError of it
    return value


type Number = Annotated[int, BeforeValidator(_is_no_flag), Field(ge=0, le=10_000_000)]
type Percent = Annotated[int, BeforeValidator(_is_no_flag), Field(ge=0, le=100)]


_WRITING = {"encoding", "date_format", "blanks", "columns"}


class Settings(BaseModel):
    """The settings of a tenant. A limit of a safeguard is the larger of a number and a percentage (section 6)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    leavers_minimum: Number = 10
    """6.1: so many may leave in 24 hours without a question, however few there are."""
    leavers_percent: Percent = 10
    """6.1: this part of the active employees may leave in 24 hours without a question."""
    rows_percent: Percent = 70
    """6.2: a full feed has at least this part of the rows of the one before."""
    rejected_minimum: Number = 10
    """6.2: so many rows of a full feed may be rejected."""
    rejected_percent: Percent = 5
    """6.2: this part of the rows of a full feed may be rejected."""
    cleared_minimum: Number = 10
    """6.2: a full feed may clear one field for so many."""
    cleared_percent: Percent = 10
    """6.2: a full feed may clear one field for this part of its rows."""
    identity_minimum: Number = 10
    """6.4: a feed may change the address or last name of so many."""
    identity_percent: Percent = 10
    """6.4: a feed may change the address or last name of this part of the active employees."""
    identity_change: Literal["apply", "hold"] = "apply"
    """3.3: what to do with a row that changes first name, last name and address at once."""
    shared_addresses: Annotated[tuple[str, ...], Field(max_length=_MOST_SHARED), AfterValidator(_as_keys)] = ()
    """3.12: addresses that several people share; they count as none."""
    encoding: Annotated[str, AfterValidator(_is_encoding)] = "cp1252"
    """2.8: what uploads are in that do not show it."""
    date_format: Annotated[str, AfterValidator(_is_date_form)] = "DD/MM/YYYY"
    """2.1: how uploads write dates."""
    blanks: Literal["clear", "keep"] = "clear"
    """2.3: whether a blank cell of an upload clears an optional field."""
    columns: Annotated[dict[str, str], Field(max_length=200), AfterValidator(_as_fields)] = Field(default_factory=dict)
    """2.2: names of columns in uploads, to ours."""

    @property
    def writing(self) -> str:
        """How uploads are written, as JSON."""
        return self.model_dump_json(include=_WRITING)

    def written(self, writing: str | None) -> "Settings":
        """Return the settings with how uploads were written when one came (6.6)."""
        before = Settings.model_validate_json(writing) if writing else self
        return self.model_copy(update={name: getattr(before, name) for name in _WRITING})

    def limit(self, name: str, of: int) -> int:
        """Return how many are allowed: the larger of the minimum and the percentage of so many, rounded down."""
        return max(int(getattr(self, f"{name}_minimum")), of * int(getattr(self, f"{name}_percent")) // 100)


class SettingRefused(ValueError):
    """A setting cannot be what was asked for. The message is the reason."""

    def __init__(self, field: str, reason: str) -> None:
        """Keep which setting it is."""
        super().__init__(reason)
        self.field = field


def changed(settings: Settings, wanted: Mapping[str, Any]) -> Settings:
    """Return the settings with some changed; None stands for the default.

    Raises:
        SettingRefused: a name is unknown, or a value impossible.
    """
    values = settings.model_dump()
    for name, value in wanted.items():
        if name not in Settings.model_fields:
            raise SettingRefused(name, f"there is no such setting; there are {', '.join(Settings.model_fields)}.")
        values[name] = Settings.model_fields[name].get_default(call_default_factory=True) if value is None else value
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        raise SettingRefused(field, first["msg"].removeprefix("Value error, ").rstrip(".") + ".") from error
