"""What the API refuses, and the status of each refusal: one table for all routes.

    Exception
    └── Refusal     the request cannot be met; its code, sentence and field are the answer

Everything else that is raised is our fault: 500 and a request ID, never a stack trace.
"""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType


class Reason(StrEnum):
    """Codes of refusals, shown unchanged."""

    BODY_INVALID = "BODY_INVALID"
    FIELD_UNKNOWN = "FIELD_UNKNOWN"
    FIELD_INVALID = "FIELD_INVALID"
    FIELD_MISSING = "FIELD_MISSING"
    FILTER_UNKNOWN = "FILTER_UNKNOWN"
    FILTER_INVALID = "FILTER_INVALID"
    LIMIT_INVALID = "LIMIT_INVALID"
    CURSOR_INVALID = "CURSOR_INVALID"
    HEADER_INVALID = "HEADER_INVALID"
    TOKEN_REFUSED = "TOKEN_REFUSED"  # noqa: S105 - a code, not a secret
    TENANT_UNKNOWN = "TENANT_UNKNOWN"
    RUN_UNKNOWN = "RUN_UNKNOWN"
    RUN_NOT_OVER = "RUN_NOT_OVER"
    RUN_WITHOUT_ROWS = "RUN_WITHOUT_ROWS"
    FEED_NOT_KEPT = "FEED_NOT_KEPT"
    EMPLOYEE_UNKNOWN = "EMPLOYEE_UNKNOWN"
    EMPLOYEE_ACTIVE = "EMPLOYEE_ACTIVE"
    SOURCE_UNKNOWN = "SOURCE_UNKNOWN"
    SOURCE_HELD = "SOURCE_HELD"
    MANIFEST_INVALID = "MANIFEST_INVALID"
    PLATFORM_MISSING = "PLATFORM_MISSING"
    NEVER_ACTIVE = "NEVER_ACTIVE"
    REFERENCE_UNKNOWN = "REFERENCE_UNKNOWN"
    HOLD_UNKNOWN = "HOLD_UNKNOWN"
    HOLD_CHANGED = "HOLD_CHANGED"
    VERSION_MISSING = "VERSION_MISSING"
    SETTING_INVALID = "SETTING_INVALID"
    ROUTE_UNKNOWN = "ROUTE_UNKNOWN"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    BUSY = "BUSY"
    INTERNAL_ERROR = "INTERNAL_ERROR"


STATUSES: Mapping[Reason, HTTPStatus] = MappingProxyType(
    {
        Reason.BODY_INVALID: HTTPStatus.BAD_REQUEST,
        Reason.FIELD_UNKNOWN: HTTPStatus.BAD_REQUEST,
        Reason.FIELD_INVALID: HTTPStatus.BAD_REQUEST,
        Reason.FIELD_MISSING: HTTPStatus.BAD_REQUEST,
        Reason.FILTER_UNKNOWN: HTTPStatus.BAD_REQUEST,
        Reason.FILTER_INVALID: HTTPStatus.BAD_REQUEST,
        Reason.LIMIT_INVALID: HTTPStatus.BAD_REQUEST,
        Reason.CURSOR_INVALID: HTTPStatus.BAD_REQUEST,
        Reason.HEADER_INVALID: HTTPStatus.BAD_REQUEST,
        Reason.TOKEN_REFUSED: HTTPStatus.FORBIDDEN,
        Reason.TENANT_UNKNOWN: HTTPStatus.FORBIDDEN,
        Reason.RUN_UNKNOWN: HTTPStatus.NOT_FOUND,
        Reason.RUN_NOT_OVER: HTTPStatus.CONFLICT,
        Reason.RUN_WITHOUT_ROWS: HTTPStatus.CONFLICT,
        Reason.FEED_NOT_KEPT: HTTPStatus.GONE,
        Reason.EMPLOYEE_ACTIVE: HTTPStatus.CONFLICT,
        Reason.EMPLOYEE_UNKNOWN: HTTPStatus.NOT_FOUND,
        Reason.SOURCE_UNKNOWN: HTTPStatus.NOT_FOUND,
        Reason.SOURCE_HELD: HTTPStatus.CONFLICT,
        Reason.MANIFEST_INVALID: HTTPStatus.BAD_REQUEST,
        Reason.PLATFORM_MISSING: HTTPStatus.CONFLICT,
        Reason.NEVER_ACTIVE: HTTPStatus.CONFLICT,
        Reason.REFERENCE_UNKNOWN: HTTPStatus.NOT_FOUND,
        Reason.HOLD_UNKNOWN: HTTPStatus.NOT_FOUND,
        Reason.HOLD_CHANGED: HTTPStatus.CONFLICT,
        Reason.VERSION_MISSING: HTTPStatus.PRECONDITION_REQUIRED,
        Reason.SETTING_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
        Reason.ROUTE_UNKNOWN: HTTPStatus.NOT_FOUND,
        Reason.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
        Reason.BODY_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Reason.IDEMPOTENCY_KEY_REUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
        Reason.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
        Reason.INTERNAL_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
    }
)


class Refusal(Exception):
    """A request that cannot be met."""

    def __init__(
        self, reason: Reason, message: str, *, field: str | None = None, shown: Mapping[str, object] | None = None
    ) -> None:
        """Keep the code, the sentence, the field or parameter that it is about, and what the caller should see."""
        super().__init__(message)
        self.reason, self.message, self.field, self.shown = reason, message, field, shown or {}

    @property
    def document(self) -> dict[str, object]:
        """The one shape of all errors."""
        document: dict[str, object] = {"code": self.reason.value, "message": self.message}
        return document | ({"field": self.field} if self.field is not None else {}) | dict(self.shown)
