"""`peoplefeed up`: it starts, it answers, and it leaves nothing behind however it ends."""

import http.client
import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from command.local.clients import aws
from command.local.hr_server import running_hr_server
from command.local.people import editions
from command.local.platform_server import running_platform
from command.local.stack import Stack, read_stack
from command.local.tokens import token_for
from tests.system.processes import PEOPLEFEED, at_work_in, up

pytestmark = pytest.mark.system


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_up_starts_and_leaves_nothing_behind(number: signal.Signals, tmp_path: Path) -> None:
    with up(tmp_path) as command:
        started = read_stack(tmp_path / ".peoplefeed")
        status, _ = _get(f"{started.api_url}/health", started.token)

        command.send_signal(number)
        code = command.wait(30)

    assert (status, code) == (200, 0)
    _nothing_is_left(tmp_path)
    assert not (tmp_path / ".peoplefeed" / "stack.json").exists()
    assert not (tmp_path / ".peoplefeed" / "tmp").exists()
    with socket.create_server(("127.0.0.1", int(urlsplit(started.aws_endpoint).port or 0))):
        pass  # the port is free again


def test_up_leaves_no_process_behind_even_if_it_is_killed(tmp_path: Path) -> None:
    with up(tmp_path, "--learning-platform", "http://127.0.0.1:9/scim") as command:
        started = read_stack(tmp_path / ".peoplefeed")
        assert started.learning_platform == "http://127.0.0.1:9/scim"
        assert list(started.programs) == ["MiniStack"]
        assert _get(f"{started.api_url}/health", started.token)[0] == 200  # so that MiniStack has workers

        command.kill()
        command.wait()

        _nothing_is_left(tmp_path)


def test_a_taken_port_is_named_together_with_the_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        command = [PEOPLEFEED, "up", "--port", str(port)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert f"Port {port} is taken" in done.stderr
    assert f"--port {port + 1}" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_file_says_what_the_stack_is(stack: Stack) -> None:
    document = json.loads((Path(stack.directory) / "stack.json").read_text())

    assert document.keys() >= {"aws_endpoint", "region", "bucket", "api_url", "token", "tables"}
    assert aws(stack, "s3").head_bucket(Bucket=document["bucket"])["ResponseMetadata"]["HTTPStatusCode"] == 200
    for table in document["tables"].values():
        assert aws(stack, "dynamodb").describe_table(TableName=table)["Table"]["TableStatus"] == "ACTIVE"
    for url in stack.queues.values():
        assert aws(stack, "sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    assert set(stack.functions) == {path.name for path in Path("functions").iterdir() if (path / "app.py").exists()}


def test_the_api_takes_tokens_of_the_user_pool_and_nothing_else(stack: Stack) -> None:
    url = f"{stack.api_url}/runs"
    head, payload, _ = stack.token.split(".")

    assert _get(url, token_for(stack, "up-tokens")) == (200, {"runs": [], "cursor": None})
    assert _get(url, "")[0] == 401
    assert _get(url, f"{head}.{payload}.AAAA")[0] == 401


@pytest.mark.parametrize(
    ("path", "signed_in", "refused"),
    [("/nothing", True, (404, "ROUTE_UNKNOWN")), ("/runs", False, (401, "TOKEN_REFUSED"))],
    ids=["a-path-that-is-not-there", "nobody"],
)
def test_the_api_refuses_in_the_template_s_words(
    stack: Stack, path: str, *, signed_in: bool, refused: tuple[int, str]
) -> None:
    status, said = _get(f"{stack.api_url}{path}", stack.token if signed_in else "")

    assert (status, json.loads(said)["code"]) == refused


def test_a_function_may_do_what_its_role_allows_and_no_more(stack: Stack) -> None:
    credentials = aws(stack, "sts").assume_role(RoleArn=_role(stack, "query_logs"), RoleSessionName="test")
    dynamodb = _as(stack, credentials["Credentials"])
    key, table = {"pk": {"S": "T#x"}, "sk": {"S": "META"}}, stack.tables["directory"]

    assert "Item" not in dynamodb.get_item(TableName=table, Key=key)
    with pytest.raises(ClientError, match="AccessDenied"):
        dynamodb.put_item(TableName=table, Item=key)


def test_a_feed_uploaded_to_the_bucket_is_applied(stack: Stack) -> None:
    tenant = "up-feed"
    key = f"feeds/{tenant}/upload/job-titles/full/titles.csv"
    aws(stack, "s3").put_object(Bucket=stack.bucket, Key=key, Body=b"Name\nChef\nWaiter\n")

    def applied() -> bool:
        _, document = _get(f"{stack.api_url}/runs", token_for(stack, tenant))
        return [run["state"] for run in document["runs"]] == ["finished"]

    _soon(applied)
    _, document = _get(f"{stack.api_url}/job-titles", token_for(stack, tenant))
    assert "Chef" in str(document)


def test_the_learning_platform_answers_one_request_after_the_other_on_one_connection(tmp_path: Path) -> None:
    with running_platform(tmp_path / "log", token="secret") as url:
        address = urlsplit(url.format(tenant="acme"))
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
        user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann"}
        headers = {"Content-Type": "application/scim+json", "Authorization": "Bearer secret"}
        said: list[Any] = []
        local = None
        for method, path, body in (
            ("POST", "/Users", json.dumps(user)),
            ("POST", "/Users", json.dumps(user)),
            ("GET", "/Users", None),
        ):
            connection.request(method, f"{address.path}{path}", body, headers)
            answer = connection.getresponse()
            said.append((answer.status, json.loads(answer.read()).get("totalResults")))
            assert connection.sock is not None, "the server closed the connection"
            local = local or connection.sock.getsockname()
            assert connection.sock.getsockname() == local
        connection.close()

    assert said == [(201, None), (409, None), (200, 1)]


def test_the_hr_system_shows_its_editions_one_after_the_other(tmp_path: Path) -> None:
    days = editions(5, 300)
    with running_hr_server(seed=5, size=300, log=tmp_path / "log") as system:
        shown = []
        for _ in days:
            shown.append(_get(f"{system.url}/employees?page=2&per_page=100", system.token)[1]["employees"])
            system.step()
        assert _get(f"{system.url}/employees", "other")[0] == 401

    assert shown == [list(day.employees[100:200]) for day in days]
    with pytest.raises(urllib.error.URLError):
        system.step()


def _get(url: str, token: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - a server of our own
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the same
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def _role(stack: Stack, function: str) -> str:
    configuration = aws(stack, "lambda").get_function_configuration(FunctionName=stack.functions[function])
    return str(configuration["Role"])


def _as(stack: Stack, credentials: dict[str, str]) -> Any:
    import boto3

    return boto3.client(
        "dynamodb",
        endpoint_url=stack.aws_endpoint,
        region_name=stack.region,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def _soon(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.2)


def _nothing_is_left(folder: Path) -> None:
    """Wait a moment for the system to collect what was killed, then expect nothing that works in the folder."""
    _soon(lambda: at_work_in(folder) == [])
