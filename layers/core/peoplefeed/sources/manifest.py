"""A source is a manifest, not code: where an HR system is, how to ask it, and what its records mean."""

import codecs
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from peoplefeed.model import OWNING_NOBODY, FeedKind, FeedMode
from peoplefeed.sources.auth import AnyAuth, NoAuth
from peoplefeed.sources.consistency import contradictions
from peoplefeed.sources.dates import EPOCHS, NAMED_MONTH, form_of_rows
from peoplefeed.sources.incremental import Incremental
from peoplefeed.sources.pagination import NoPages, Paginator
from peoplefeed.sources.parts import Part, Path
from peoplefeed.sources.request import BaseUrl, RateLimit, Request
from peoplefeed.sources.thresholds import Thresholds

REQUIRED_FIELDS: Mapping[FeedKind, tuple[str, ...]] = MappingProxyType(
    {
        FeedKind.EMPLOYEES: ("external_id", "first_name", "last_name", "job_title"),
        FeedKind.JOB_TITLES: ("name",),
        FeedKind.DEPARTMENTS: ("name",),
        FeedKind.BUSINESS_UNITS: ("feed_id", "name"),
    }
)
OPTIONAL_FIELDS: Mapping[FeedKind, tuple[str, ...]] = MappingProxyType(
    {FeedKind.EMPLOYEES: ("email", "department", "business_unit_id", "status", "start_date")}
)

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_TAKEN = OWNING_NOBODY | {"retry"}
_DATE_PARTS = ("DD", "MM", "YYYY")
_DATE_EXAMPLES = "DD/MM/YYYY, YYYY-MM-DD or DD-MMM-YYYY (31-Jan-2026), or epoch or epoch-ms for numbers since 1970"
_DATE_REST = re.compile(r"[-/. :TZ0-9]*")


def _is_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f"'{text}' is not a name: use small letters, digits and hyphens, at most 63.")
    if text in _TAKEN:
        raise ValueError(f"'{text}' is taken: peoplefeed itself uses it. Choose another name.")
    return text


def _is_date_form(form: str) -> str:
    if form in EPOCHS:
        return form
    rest = numbered = form.replace(NAMED_MONTH, "MM", 1)
    for part in _DATE_PARTS:
        if numbered.count(part) != 1:
            raise ValueError(
                f"'{form}' is not a form of dates; write DD, MM and YYYY once each, like {_DATE_EXAMPLES}."
            )
        rest = rest.replace(part, "")
    if not _DATE_REST.fullmatch(rest):
        raise ValueError(f"'{form}' is not a form of dates; only separators may stand between DD, MM and YYYY.")
    return form


def _is_encoding(name: str) -> str:
    try:
        "".encode(name)  # refuses what is a codec but not of text, like base64
        return codecs.lookup(name).name
    except LookupError as error:
        raise ValueError(f"'{name}' is not an encoding; common ones are cp1252, utf-8 and iso-8859-15.") from error


def _as_rule(value: object) -> object:
    """Read `"email": "workEmail"` as `"email": {"path": "workEmail"}`."""
    return {"path": value} if isinstance(value, str) else value


class Split(Part):
    """One part of a text, like the first name of `Ana Ruiz`."""

    by: str = Field(" ", min_length=1, max_length=10)
    """What stands between the parts."""
    part: Literal["first", "rest", "last", "before-last"]
    """`first` and `rest` are divided where `by` stands first, `before-last` and `last` where it stands last."""

    def of(self, text: str) -> str:
        """Return the part of a text; where there is only one, it is the first and the last."""
        text = text.strip()
        match self.part:
            case "first":
                return text.partition(self.by)[0].strip()
            case "rest":
                return text.partition(self.by)[2].strip()
            case "last":
                return text.rpartition(self.by)[2].strip()
            case "before-last":
                return text.rpartition(self.by)[0].strip()


class FieldRule(Part):
    """Where a field comes from: a JMESPath expression into the record, a column of a file, or a constant."""

    path: Path | None = None
    """A JMESPath expression into the record."""
    column: str | None = None
    """The name of a column, where the format is `csv`."""
    constant: str | None = None
    """The same for everybody."""
    default: str | None = None
    """What stands for null, for a blank cell and for what is missing."""
    split: Split | None = None
    """Which part of the text counts, where it holds more: `{"by": " ", "part": "first"}`."""
    values: dict[str, str] = Field(default_factory=dict)
    """The HR system's words to ours, like `{"Employed": "Active"}`; others stay as they are."""

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if [self.path, self.column, self.constant].count(None) != 2:  # noqa: PLR2004 - one of three is given
            raise ValueError("give either a path or a constant (for csv a column or a constant).")
        return self

    @property
    def changes(self) -> bool:
        """Whether the rule does more than look something up."""
        return bool(self.values) or self.default is not None or self.split is not None


class SourceManifest(Part):
    """Everything that there is to know about one source of a tenant."""

    schema_url: str | None = Field(None, alias="$schema", exclude=True)
    """Where editors find this description."""
    name: Annotated[str, AfterValidator(_is_name)]
    """What the source is called; part of its feeds' addresses."""
    kind: Literal[FeedKind.EMPLOYEES, FeedKind.JOB_TITLES, FeedKind.DEPARTMENTS, FeedKind.BUSINESS_UNITS] = (
        FeedKind.EMPLOYEES
    )
    """What its records describe (1.1)."""
    mode: FeedMode = FeedMode.FULL
    """Whether a poll sees all records or some of them (1.2). With `incremental`, full feeds and changes take turns."""
    transport: Literal["poll", "drop"] = "poll"
    """`poll`: we ask. `drop`: files are put under feeds/TENANT/NAME/KIND/MODE/ of the bucket, by SFTP for instance."""
    format: Literal["json", "csv"] = "json"
    """`json`: answers are JSON. `csv`: there is a file, which may be JSON lines or XLSX, too, and packed (2.8)."""
    base_url: BaseUrl | None = None
    """Where the HR system is, like https://api.example.com/v1."""
    auth: Annotated[AnyAuth, Field(discriminator="type")] = NoAuth()
    """How we show who we are."""
    request: Request = Request()
    """What to ask for."""
    paginator: Paginator = NoPages()
    """How the records come in pages."""
    records: Path = "@"
    """Where an answer holds the list of records, like rows, rows[?active] or data[].employees[]; `@` is the answer."""
    keyed_by: str | None = None
    """Where records are a map, not a list: the key of a record that takes the name it has in the map."""
    error: Path | None = "error || errors"
    """Where an answer says that something went wrong although its status is 200."""
    empty: Path | None = None
    """A JMESPath expression that is true for an answer without a list because there are no (more) records."""
    filter: Path | None = None
    """A JMESPath expression that is true for the records that count; others are not even stored."""
    details: Request | None = None
    """What to ask for each record that says too little; `{id}` stands for the record's `id`."""
    incremental: Incremental | None = None
    """How to ask only for what changed."""
    fields: dict[str, Annotated[FieldRule, BeforeValidator(_as_rule, json_schema_input_type=str | FieldRule)]]
    """Our fields (2.1) to where a record holds them."""
    deleted: Path | None = None
    """A JMESPath expression that is true for records of people who are gone; they are deactivated (2.6)."""
    date_format: Annotated[str, AfterValidator(_is_date_form)] = "DD/MM/YYYY"
    """How dates are written (2.1): DD, MM (or MMM for Jan) and YYYY; `epoch` or `epoch-ms` for numbers since 1970."""
    encoding: Annotated[str, AfterValidator(_is_encoding)] = "cp1252"
    """What is not UTF-8 is read as this (2.8)."""
    leavers: Literal["keep", "deactivate"] = "keep"
    """Whether someone who is missing from a full feed has left (1.5)."""
    blanks: Literal["clear", "keep"] = "clear"
    """Whether a blank or null clears an optional field (2.3)."""
    thresholds: Thresholds = Thresholds()
    """Limits of the safeguards where they differ from the tenant's (section 6)."""
    poll_every_minutes: int = Field(15, ge=5, le=7 * 24 * 60)
    """How often to poll."""
    rate_limit: RateLimit | None = None
    """How much the HR system puts up with."""

    @model_validator(mode="before")
    @classmethod
    def _reads_names_of_columns(cls, data: Any) -> Any:  # noqa: ANN401 - not validated yet
        """In a file, `"email": "E-Mail"` names a column: what is called like that is no JMESPath."""
        if not (isinstance(data, dict) and data.get("format") == "csv" and isinstance(data.get("fields"), dict)):
            return data
        rules = data["fields"].items()
        return data | {"fields": {field: {"column": rule} if isinstance(rule, str) else rule for field, rule in rules}}

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        required, optional = REQUIRED_FIELDS[self.kind], OPTIONAL_FIELDS.get(self.kind, ())
        if found := contradictions(self, required, optional):
            raise ValueError("\n".join(f"{place}: {sentence}" for place, sentence in found))
        return self

    @property
    def secret(self) -> str | None:
        """The name of the secret that polling needs, if it needs one."""
        return None if isinstance(self.auth, NoAuth) else self.auth.secret

    @property
    def row_date_format(self) -> str:
        """How dates are written in the cells of rows, when records were mapped."""
        return form_of_rows(self.date_format)

    @property
    def is_polled(self) -> bool:
        """Whether we ask the source, rather than wait for what it sends."""
        return self.transport == "poll"

    @property
    def meaning(self) -> str:
        """What of the manifest decides how a record is understood: records are read anew when it changes."""
        keys = {"kind", "format", "fields", "deleted", "date_format", "encoding", "leavers", "blanks"}
        return self.model_dump_json(include=keys)
