"""Our MiniStack does with queues what MiniStack does, only sooner, and leaves paths as they were sent, as AWS does."""

import subprocess
from pathlib import Path

import pytest

from command.local import install
from command.local.emulator import SERVER

LIVES = Path(__file__).with_name("ministack_queues.py")

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def python() -> str:
    """MiniStack's own interpreter."""
    return str(install.ministack())


def _lived(python: str, whose: str) -> list[str]:
    command = [python, "-P", str(LIVES), whose, str(SERVER.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_queues_live_the_same_lives(python: str) -> None:
    theirs, ours = _lived(python, "theirs"), _lived(python, "ours")

    assert len(theirs) > 1000
    assert next((pair for pair in zip(theirs, ours, strict=True) if pair[0] != pair[1]), None) is None


def test_a_long_queue_is_as_fast_as_a_short_one(python: str) -> None:
    script = f"""
import sys, time
sys.path.append({str(SERVER.parent)!r})
import ministack_server
from ministack.services import sqs
ministack_server.make_queues_fast()
url = sqs._act_create_queue({{"QueueName": "q.fifo", "Attributes": {{"FifoQueue": "true"}}}}, None)["QueueUrl"]
def pass_on(number):
    for one in range(number):
        sqs._act_send_message({{"QueueUrl": url, "MessageBody": "x", "MessageGroupId": f"{{one}}",
                                "MessageDeduplicationId": f"{{time.time_ns()}}-{{one}}"}}, url)
def work_on(number):
    start = time.process_time()
    for _ in range(number):
        found = sqs._receive_messages_for_esm(url, 10)
        sqs._delete_messages_for_esm(url, {{message["receipt_handle"] for message in found}})
    return time.process_time() - start
pass_on(1000)
short = min(work_on(5) for _ in range(5))
pass_on(20000)
long = min(work_on(5) for _ in range(5))
print(long / short)
"""
    done = subprocess.run([python, "-P", "-c", script], capture_output=True, text=True, check=True)

    assert float(done.stdout) < 10, "MiniStack's own functions take 20 times as long, and more"


def test_a_rest_api_gets_paths_as_they_were_sent(python: str) -> None:
    script = f"""
import asyncio, sys
sys.path.append({str(SERVER.parent)!r})
import ministack_server
from ministack import app
from ministack.services import apigateway_v1
async def told(api, stage, method, path, *_):
    print(path)
    return 200, {{}}, b""
apigateway_v1.find_api_scope = lambda _: ("000000000000", "us-east-1")
apigateway_v1.stages_for_api = lambda _: {{"v1": {{}}}}
apigateway_v1.handle_execute = told
ministack_server.keep_paths_as_sent()
def ask(path, raw):
    asyncio.run(app._handle_execute_api_request("localhost", path, "GET", {{}}, b"", {{}}, raw_path=raw))
ask("/_aws/execute-api/a1/v1/job-titles/Chef/Cook", "/_aws/execute-api/a1/v1/job-titles/Chef%2FCook")
ask("/_aws/execute-api/a1/v1/job-titles/a%2Fb", "/_aws/execute-api/a1/v1/job-titles/a%252Fb")
ask("/_aws/execute-api/a1/v1/runs", None)
"""
    done = subprocess.run([python, "-P", "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["/job-titles/Chef%2FCook", "/job-titles/a%252Fb", "/runs"]
