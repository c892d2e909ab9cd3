"""stack.json, the token in it, and the parameters that the template gets."""

import base64
import json
import os
import stat
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from command.local import emulator, install, stack, tokens
from command.local.deployment import parameters
from command.local.errors import AlreadyUp, LocalStackError, NoStack
from command.local.stack import Stack, read_stack, running, wait
from command.local.template import read_template


@pytest.fixture
def here(tmp_path: Path) -> Stack:
    """A stack that runs in a folder of its own, as far as its file says."""
    made = Stack(
        aws_endpoint="http://127.0.0.1:1",
        region="us-east-1",
        bucket="feeds",
        api_url="http://127.0.0.1:1/api",
        tables={"directory": "D", "feed_log": "L"},
        queues={},
        functions={},
        user_pool="pool",
        client="client",
        directory=str(tmp_path),
    )
    (tmp_path / "stack.json").write_text(json.dumps(asdict(made)))
    return made


class UserPool:
    """As much of Cognito as signing in needs. Tokens say what they are for, and last `seconds`."""

    def __init__(self, seconds: float = 3600) -> None:
        self.exceptions = SimpleNamespace(UsernameExistsException=KeyError)
        self.seconds = seconds
        self.users: dict[str, Any] = {}
        self.passwords: dict[str, str] = {}
        self.logins = 0

    def admin_create_user(self, **user: Any) -> None:
        if user["Username"] in self.users:
            raise KeyError(user["Username"])
        self.users[user["Username"]] = {one["Name"]: one["Value"] for one in user["UserAttributes"]}

    def admin_set_user_password(self, **user: Any) -> None:
        self.passwords[user["Username"]] = user["Password"]

    def admin_initiate_auth(self, **login: Any) -> dict[str, Any]:
        given = login["AuthParameters"]
        assert self.passwords[given["USERNAME"]] == given["PASSWORD"]
        self.logins += 1
        claims = {"exp": time.time() + self.seconds, "n": self.logins} | self.users[given["USERNAME"]]
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return {"AuthenticationResult": {"IdToken": f"head.{payload}.signature"}}


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> UserPool:
    made = UserPool()
    monkeypatch.setattr(tokens, "aws", lambda _stack, _service: made)
    return made


def test_a_stack_is_read_as_it_was_written(here: Stack, tmp_path: Path) -> None:
    assert read_stack(tmp_path) == here


@pytest.mark.parametrize("content", [None, "", "[]", '{"region": "eu-west-1"}'])
def test_no_stack_is_a_sentence_that_says_how_to_start_one(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "stack.json").write_text(content)

    with pytest.raises(NoStack, match=r"No local stack runs here .*peoplefeed up"):
        read_stack(tmp_path)


def test_a_stack_whose_process_is_gone_is_none(here: Stack, tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / "stack.json").write_text(json.dumps(asdict(here) | {"pid": ended.pid}))

    with pytest.raises(NoStack, match="is gone"):
        read_stack(tmp_path)


def test_a_second_stack_in_the_same_folder_is_refused(here: Stack, tmp_path: Path) -> None:
    with pytest.raises(AlreadyUp, match=str(here.pid)), running(directory=tmp_path):
        pass

    assert read_stack(tmp_path) == here


def test_each_tenant_has_a_user_of_its_own(here: Stack, pool: UserPool) -> None:
    tokens.token_for(here, "acme")
    tokens.token_for(here, "other")

    assert pool.users[tokens.username_for("acme")]["custom:tenant"] == "acme"
    assert pool.users[tokens.username_for("other")]["custom:tenant"] == "other"


def test_a_token_is_kept_until_shortly_before_its_end(here: Stack, pool: UserPool) -> None:
    assert tokens.token_for(here, "acme") == tokens.token_for(here, "acme")
    pool.seconds = tokens.MARGIN - 10
    short = tokens.token_for(here, "other")

    assert tokens.token_for(here, "other") != short
    assert pool.logins == 3


def test_tokens_of_another_stack_are_none_of_ours(here: Stack, pool: UserPool) -> None:
    theirs = tokens.token_for(here, "acme")
    ours = Stack(**asdict(here) | {"user_pool": "another"})

    assert tokens.token_for(ours, "acme") != theirs
    assert pool.logins == 2


@pytest.mark.usefixtures("pool")
def test_what_holds_a_token_is_for_the_owner_s_eyes_only(here: Stack, tmp_path: Path) -> None:
    fresh = stack._with_valid_token(here)

    assert read_stack(tmp_path) == fresh
    assert fresh.token == tokens.token_for(here)
    for name in ("stack.json", "tokens.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_the_token_in_the_file_is_renewed_before_it_ends(here: Stack, pool: UserPool, tmp_path: Path) -> None:
    pool.seconds = tokens.MARGIN - 10
    old = stack._with_valid_token(here)
    pool.seconds = 3600
    new = stack._with_valid_token(old)

    assert read_stack(tmp_path).token == new.token != old.token
    assert stack._with_valid_token(new) is new


@pytest.mark.usefixtures("pool")
def test_waiting_ends_with_a_sentence_when_a_part_of_the_stack_does(here: Stack) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    try:
        with pytest.raises(LocalStackError, match="MiniStack ended by itself"):
            wait(Stack(**asdict(here) | {"programs": {"MiniStack": ended.pid}}))
    finally:
        ended.wait()


def test_every_setting_is_a_parameter_of_the_template() -> None:
    template, settings = read_template(install.PROJECT / "template.yaml"), stack._settings("http://127.0.0.1:1/v2")
    given = {one["ParameterKey"]: one["ParameterValue"] for one in parameters(template, settings)}

    assert given == settings
    assert (given["Stage"], given["OpenTenants"]) == ("local", "true")
    for name, value in given.items():
        allowed = template["Parameters"][name].get("AllowedValues")
        assert allowed is None or value in allowed


def test_ministack_is_told_nothing_of_our_own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")

    told = emulator.environment(4566, tmp_path, enforce_roles=True)

    assert not told.keys() & {"AWS_PROFILE", "PYTHONPATH", "AWS_ACCESS_KEY_ID"}
    assert (told["BIND_HOST"], told["AUTH"], told["TMPDIR"]) == ("127.0.0.1", "true", str(tmp_path))
    assert told["HOME"] != os.environ.get("HOME")
