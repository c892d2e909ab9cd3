"""`/problems`: what should be mended, at a glance."""

import json
from collections.abc import Iterator
from itertools import islice

from aws_lambda_powertools.event_handler import Response

from peoplefeed.api.application import make_router, to_json
from peoplefeed.api.cursors import Mark, Question, from_cursor, refused_cursor, to_cursor
from peoplefeed.api.listings import next_page
from peoplefeed.api.parameters import parameters_of
from peoplefeed.api.tenant import caller_of
from peoplefeed.codes import Code, Mender
from peoplefeed.deployment import here
from peoplefeed.feed_log.documents import Document
from peoplefeed.feed_log.summary import ProblemFilter, ProblemLine, summary_of
from peoplefeed.model import Severity

router = make_router()

_FILTERS = ("code", "mender", "severity")
_MOST_BYTES = 2_500_000  # Lambda answers with 6 MB at most


@router.get("/problems")
def list_problems() -> Response[str]:
    """Return one line for each code and value found, worst first, of all problems that are open."""
    tenant = caller_of(router.current_event).tenant
    query = parameters_of(router.current_event, _FILTERS)
    wanted = ProblemFilter(
        code=query.choice("code", Code),
        mender=query.choice("mender", Mender),
        severity=query.choice("severity", Severity),
    )
    question: Question = ("problems", tenant, wanted.code, wanted.mender, wanted.severity)
    start, limit = _lines_seen(from_cursor(question, query.cursor)), query.limit
    summary = summary_of(here(), tenant, wanted)
    shown = list(_affordable(islice(summary.lines, start, start + limit)))
    end = start + len(shown)
    cursor = to_cursor(question, (end,) if end < len(summary.lines) else None)
    page = {
        "problems": shown,
        "cursor": cursor,
        "lines": len(summary.lines),
        "looked_at": summary.looked_at,
        "truncated": summary.truncated,
    }
    return to_json(page, headers=next_page(cursor, query.given))


def _lines_seen(mark: Mark | None) -> int:
    """Return behind how many lines the page begins. What is mended or found meanwhile moves the others."""
    match mark:
        case None:
            return 0
        case (int(seen),) if seen > 0:
            return seen
        case _:
            raise refused_cursor()


def _affordable(lines: Iterator[ProblemLine]) -> Iterator[Document]:
    """Yield as many lines as an answer can hold, and one at least."""
    size = 0
    for number, line in enumerate(lines):
        document = line.document
        size += len(json.dumps(document))
        if number and size > _MOST_BYTES:
            return
        yield document
