"""In which form an answer is wanted."""

from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent

_JSON, _CSV = "application/json", "text/csv"


def wants_csv(event: BaseProxyEvent) -> bool:
    """Whether the caller would rather have CSV than JSON, by the header `Accept`."""
    accepted = dict(_weighed(part) for part in event.headers.get("accept", "*/*").split(","))
    anything = accepted.get("*/*", 0.0)
    csv = accepted.get(_CSV, accepted.get("text/*", anything))
    return csv > accepted.get(_JSON, accepted.get("application/*", anything))


def _weighed(part: str) -> tuple[str, float]:
    """Return a media type and how much it is wanted; what is not understood is not wanted."""
    kind, *parameters = (text.strip().lower() for text in part.split(";"))
    weights = [text.removeprefix("q=") for text in parameters if text.startswith("q=")]
    try:
        return kind, float(weights[0]) if weights else 1.0
    except ValueError:
        return kind, 0.0
