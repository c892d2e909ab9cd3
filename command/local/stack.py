"""The local stack: MiniStack with the real template on it, and a learning platform.

with running(port=4566, say=print) as stack:
    wait(stack)
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from command.local import deployment, emulator, install, platform_server, tokens
from command.local.clients import REGION
from command.local.errors import AlreadyUp, LocalStackError, NoStack, PortTaken
from command.local.processes import HOST, Program, is_alive, require_free_port, signals_end_us, undisturbed

__all__ = ["AlreadyUp", "LocalStackError", "NoStack", "PortTaken", "Stack", "read_stack", "running", "wait"]

FOLDER = Path(".peoplefeed")
FILE = "stack.json"
_BEAT = 0.5
_UNDER_UV = "UV_RUN_RECURSION_DEPTH"  # `uv run` sets it, and leaves us behind when it is killed
_QUEUES = {
    "poll": "PollQueueUrl",
    "slow_poll": "SlowPollQueueUrl",
    "import": "ImportQueueUrl",
    "upsert": "UpsertQueueUrl",
    "delivery": "DeliveryQueueUrl",
    "poll_dead_letters": "PollDeadLettersUrl",
    "import_dead_letters": "ImportDeadLettersUrl",
    "upsert_dead_letters": "UpsertDeadLettersUrl",
    "delivery_dead_letters": "DeliveryDeadLettersUrl",
}

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stack:
    """Where everything of a running local stack is; `stack.json` holds the same.

    `pid` is the process that keeps it running, `programs` are the guards of what it started.
    """

    aws_endpoint: str
    region: str
    bucket: str
    api_url: str
    tables: dict[str, str]
    queues: dict[str, str]
    functions: dict[str, str]
    user_pool: str
    client: str
    stack_name: str = deployment.STACK_NAME
    token: str = ""
    learning_platform: str = ""
    learning_platform_own: bool = True
    directory: str = ""
    pid: int = field(default_factory=os.getpid)
    programs: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Cloud:
    """MiniStack, and where it listens."""

    program: Program
    port: int


def read_stack(directory: Path = FOLDER) -> Stack:
    """Return the stack that runs in a folder; raise `NoStack` if none does."""
    try:
        stack = Stack(**json.loads((directory / FILE).read_text()))
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        raise NoStack(f"No local stack runs here ({directory}). Start one: peoplefeed up") from None
    if not is_alive(stack.pid):
        raise NoStack(f"The local stack that ran here ({directory}) is gone. Start one: peoplefeed up")
    return stack


@contextmanager
def running(
    *,
    port: int = 4566,
    learning_platform: str = "",
    directory: Path = FOLDER,
    say: Say = lambda _: None,
    enforce_roles: bool = False,
) -> Iterator[Stack]:
    """Run a local stack; port 0 takes a free one, a URL replaces the learning platform.

    With `enforce_roles` a function may do what its role allows and no more; that is how the system tests
    run, and costs a third of MiniStack's speed. Whatever ends the block, or us, nothing that was started stays behind.
    """
    folder = directory.resolve()
    _require_nothing_runs(folder)
    started = ExitStack()
    with signals_end_us():
        try:
            cloud = _start_cloud(started, require_free_port(port), folder, say, enforce_roles=enforce_roles)
            yield _deploy(started, cloud, learning_platform, folder, say)
        finally:
            with undisturbed():
                started.close()


def wait(stack: Stack) -> None:
    """Return on Ctrl-C or SIGTERM; raise if a part of the stack ends by itself."""
    parent = os.getppid()
    with suppress(KeyboardInterrupt):
        while os.getppid() == parent or _UNDER_UV not in os.environ:
            _require_all_run(stack)
            stack = _with_valid_token(stack)
            time.sleep(_BEAT)


def _start_cloud(started: ExitStack, port: int, folder: Path, say: Say, *, enforce_roles: bool) -> _Cloud:
    """Start MiniStack; it takes a moment, in which others can start."""
    if not install.is_complete():
        say("Installing MiniStack and the layer's dependencies, this once …")
    started.callback(_clear, folder)
    say(f"Starting MiniStack on port {port} …")
    program = started.enter_context(emulator.starting_emulator(port, folder, enforce_roles=enforce_roles))
    return _Cloud(program, port)


def _deploy(started: ExitStack, cloud: _Cloud, learning_platform: str, folder: Path, say: Say) -> Stack:
    """Start the learning platform unless there is one, and put everything in its place."""
    programs = {cloud.program.name: cloud.program.guard.pid}
    url = learning_platform
    if not url:
        own, own_port = started.enter_context(platform_server.starting_platform(folder / "platform.log"))
        programs[own.name], url = own.guard.pid, platform_server.url_of(own_port)
        platform_server.wait_until_ready(own, own_port)
    emulator.wait_until_ready(cloud.program, cloud.port)
    say("Deploying template.yaml …")
    endpoint = f"http://{HOST}:{cloud.port}"
    stack = replace(
        _stack(endpoint, deployment.deploy(endpoint, _settings(url))),
        learning_platform=url,
        learning_platform_own=not learning_platform,
        directory=str(folder),
        programs=programs,
    )
    return _with_valid_token(stack)


def _settings(learning_platform: str) -> dict[str, str]:
    """Return the template's parameters."""
    return {
        "Stage": "local",
        "Architecture": "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64",
        "OpenTenants": "true",
        "LearningPlatformUrl": learning_platform,
        "WorkerConcurrency": str(max(2, os.cpu_count() or 2)),
    }


def _stack(endpoint: str, deployed: deployment.Deployed) -> Stack:
    """Return what the template's outputs say of the stack."""
    outputs = deployed.outputs
    return Stack(
        aws_endpoint=endpoint,
        region=REGION,
        bucket=outputs["FeedBucket"],
        api_url=f"{endpoint}/_aws/execute-api/{deployed.api}{urlsplit(outputs['ApiUrl']).path}",
        tables={"directory": outputs["DirectoryTable"], "feed_log": outputs["FeedLogTable"]},
        queues={name: outputs[output] for name, output in _QUEUES.items()},
        functions=deployed.functions,
        user_pool=outputs["UserPoolId"],
        client=outputs["UserPoolClientId"],
    )


def _with_valid_token(stack: Stack) -> Stack:
    """Return the stack with a token that is good for a while, written down if it is a new one."""
    if stack.token and tokens.expires_at(stack.token) > time.time() + tokens.MARGIN:
        return stack
    fresh = replace(stack, token=tokens.token_for(stack))
    tokens.write_privately(Path(stack.directory) / FILE, json.dumps(asdict(fresh), indent=2) + "\n")
    return fresh


def _require_nothing_runs(folder: Path) -> None:
    try:
        stack = read_stack(folder)
    except NoStack:
        return
    raise AlreadyUp(f"A local stack runs here already: {stack.aws_endpoint}, process {stack.pid}. End that one first.")


def _require_all_run(stack: Stack) -> None:
    for name, guard in stack.programs.items():
        if os.waitid(os.P_PID, guard, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            raise LocalStackError(f"{name} ended by itself. Its last words are in {stack.directory}")


def _clear(folder: Path) -> None:
    """Remove what only a running stack needs; the logs stay."""
    for name in (FILE, tokens.FILE):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "tmp", ignore_errors=True)
