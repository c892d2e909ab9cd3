"""`/settings`: the limits of safeguards, shared addresses, how uploads are written (6.6)."""

import ast
import inspect
import json
from collections.abc import Mapping
from functools import cache
from itertools import pairwise

from aws_lambda_powertools.event_handler import Response

from peoplefeed.api.application import make_router, to_json
from peoplefeed.api.bodies import Row, read_object
from peoplefeed.api.edits import Edit, accept, idempotency_key_of
from peoplefeed.api.errors import Reason, Refusal
from peoplefeed.api.parameters import parameters_of
from peoplefeed.api.tenant import caller_of
from peoplefeed.deployment import here
from peoplefeed.model import FeedKind
from peoplefeed.rules.settings import SettingRefused, Settings, changed
from peoplefeed.storage.settings import find_settings

router = make_router()

_SHOWN = 100


@router.get("/settings")
def list_settings() -> Response[str]:
    """Return every setting with its value, its default, and what it means."""
    tenant = caller_of(router.current_event).tenant
    parameters_of(router.current_event)
    now, default = (one.model_dump(mode="json") for one in (find_settings(here(), tenant), Settings()))
    return to_json({"settings": [_document(name, now[name], default[name]) for name in now]})


@router.patch("/settings")
def change_settings() -> Response[str]:
    """Change some settings, all or none: a feed of one row for each. null stands for the default."""
    event = router.current_event
    caller = caller_of(event)
    parameters_of(event)
    wanted = read_object(event)
    _refuse_what_cannot_be(caller.tenant, wanted)
    rows = [_row(name, value) for name, value in wanted.items()]
    return accept(here(), event, Edit(caller, FeedKind.SETTINGS, rows, idempotency_key_of(event)))


def _refuse_what_cannot_be(tenant: str, wanted: Mapping[str, object]) -> None:
    """Say at once what the run would say, too, of the settings as they are then."""
    if not wanted:
        raise Refusal(Reason.FIELD_MISSING, f"The body names no setting; there are {', '.join(Settings.model_fields)}.")
    try:
        changed(find_settings(here(), tenant), wanted)
    except SettingRefused as refused:
        name = refused.field[:_SHOWN]
        if refused.field not in Settings.model_fields:
            raise Refusal(Reason.FIELD_UNKNOWN, f"{name}: {refused}", field=name) from refused
        sentence = f"The setting {name} cannot be that: {refused}"
        raise Refusal(Reason.SETTING_INVALID, sentence, field=name) from refused


def _row(name: str, value: object) -> Row:
    return {"name": name, "value": json.dumps(value, ensure_ascii=False)}


def _document(name: str, value: object, default: object) -> dict[str, object]:
    clause, _, meaning = _meanings()[name].partition(": ")
    return {
        "name": name,
        "value": value,
        "default": default,
        "description": f"{meaning[:1].upper()}{meaning[1:]}",
        "clause": clause,
    }


@cache
def _meanings() -> dict[str, str]:
    """Return what stands below each setting in the class: Python itself does not keep it."""
    [definition] = ast.parse(inspect.getsource(Settings)).body
    meanings: dict[str, str] = {}
    for statement, below in pairwise(definition.body if isinstance(definition, ast.ClassDef) else ()):
        match statement, below:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(meaning))):
                meanings[name] = meaning
    return meanings
