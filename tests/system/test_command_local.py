"""The command against the local stack, as a user runs it: each call is a process of its own."""

import json
import os
import secrets
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.system.processes import PEOPLEFEED, at_work_in, up

HEADER = "External Identifier,First Name,Last Name,Email,Job Title,Department,Business Unit ID,Status,Start Date"
COUNTS = (
    "received", "created", "updated", "unchanged", "deactivated", "reactivated", "overwritten", "rejected", "parked",
    "held", "superseded", "leavers",
)  # fmt: skip

pytestmark = pytest.mark.system

type Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in which `peoplefeed up` runs."""
    folder = tmp_path_factory.mktemp("stack")
    with up(folder) as command:
        yield folder
        command.send_signal(signal.SIGINT)
        assert command.wait(timeout=30) == 0, (folder / "up.log").read_text()
    assert not (folder / ".peoplefeed" / "stack.json").exists()
    assert at_work_in(folder) == []


@pytest.fixture(scope="module")
def peoplefeed(folder: Path) -> Run:
    """Run the command in the stack's folder."""

    def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PEOPLEFEED, *arguments],
            cwd=folder,
            env=os.environ | env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def _imported(peoplefeed: Run, file: Path, *options: str, code: int = 0) -> dict[str, Any]:
    """Import a file and return the document, which must be all there is on standard output."""
    done = peoplefeed("import", str(file), "--json", *options)
    assert done.returncode == code, done.stderr + done.stdout
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def _write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def tenant(peoplefeed: Run, tmp_path: Path) -> str:
    """A tenant of the test's own that has the job title Chef."""
    name = f"t-{secrets.token_hex(4)}"
    titles = _write(tmp_path / "titles.csv", "Name", "Chef")
    assert _imported(peoplefeed, titles, "--kind", "job-titles", "--tenant", name)["run"]["state"] == "finished"
    return name


def test_import_shows_the_run_and_what_became_of_every_row(peoplefeed: Run, tenant: str, tmp_path: Path) -> None:
    users = _write(
        tmp_path / "users.csv",
        HEADER,
        "E1,Ann,Bee,ann@example.com,Chef,,,Active,01/02/2026",
        "E2,Cid,Dee,,Cheff,,,,",
        "E3,Eve,Fox,not an address,Chef,,,,",
        "E4,Gus,Hay,,Chef,Bar,,,",
    )

    document = _imported(peoplefeed, users, "--tenant", tenant)

    run = document["run"]
    assert list(run) == ["number", "tenant", "source", "kind", "mode", "state", "counts", "error"]
    assert (run["tenant"], run["source"], run["kind"], run["mode"]) == (tenant, "upload", "employees", "changes")
    assert (run["number"], run["state"], run["error"]) == (2, "finished", None)
    assert tuple(run["counts"]) == COUNTS
    assert {name: number for name, number in run["counts"].items() if number} == {
        "received": 4, "created": 2, "parked": 1, "rejected": 1,
    }  # fmt: skip
    said = {entry["external_id"]: entry for entry in document["entries"]}
    assert {(e["row"], e["outcome"], e["code"]) for e in document["entries"]} == {
        (1, "created", None),
        (2, "parked", "JOB_TITLE_NOT_FOUND"),
        (3, "rejected", "EMAIL_INVALID"),
        (4, "created", "DEPARTMENT_NOT_FOUND"),
    }
    assert said["E2"]["message"] == (
        "Employee with external Identifier E2 not processed, Job Title with name Cheff does not exist"
    )
    assert said["E4"]["severity"] == "warning"


def test_the_directory_holds_who_was_imported(peoplefeed: Run, tenant: str, tmp_path: Path) -> None:
    users = _write(tmp_path / "users.csv", HEADER, "E1,Zoë,Ünal,,Chef,,,,24/12/2025")
    _imported(peoplefeed, users, "--tenant", tenant)

    [person] = json.loads(peoplefeed("employees", "--tenant", tenant, "--json").stdout)

    assert person == {
        "external_id": "E1",
        "first_name": "Zoë",
        "last_name": "Ünal",
        "email": None,
        "job_title": "Chef",
        "department": None,
        "business_unit_id": None,
        "active": True,
        "start_date": "2025-12-24",
        "profile": "employee",
        "products": ["mapal-one"],
        "source": None,
    }
    assert "Zoë Ünal" in peoplefeed("employees", "--tenant", tenant).stdout


def test_the_same_row_again_counts_up_and_the_import_shows_it(peoplefeed: Run, tenant: str, tmp_path: Path) -> None:
    users = _write(tmp_path / "users.csv", HEADER, "E2,Cid,Dee,,Cheff,,,,")
    _imported(peoplefeed, users, "--tenant", tenant)

    again = _imported(peoplefeed, users, "--tenant", tenant)

    assert again["run"]["counts"]["parked"] == 1
    assert [(entry["external_id"], entry["code"]) for entry in again["entries"]] == [("E2", "JOB_TITLE_NOT_FOUND")]
    [problem] = json.loads(peoplefeed("log", "--tenant", tenant, "--unresolved", "--json").stdout)
    assert problem["occurrences"] == 2


def test_the_log_answers_each_question(peoplefeed: Run, tenant: str, tmp_path: Path) -> None:
    users = _write(tmp_path / "users.csv", HEADER, "E1,Ann,Bee,,Chef,,,,", "E2,Cid,Dee,,Cheff,,,,")
    moved = _write(tmp_path / "moved.csv", HEADER, "E1,Ann,Fox,,Chef,,,,")
    _imported(peoplefeed, users, "--tenant", tenant)
    _imported(peoplefeed, moved, "--tenant", tenant)

    def log(*filters: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = json.loads(peoplefeed("log", "--tenant", tenant, "--json", *filters).stdout)
        return entries

    assert [(entry["run"], entry["external_id"]) for entry in log("--run", "3")] == [(3, "E1")]
    assert {entry["external_id"] for entry in log("--severity", "error")} == {"E2"}
    assert [entry["run"] for entry in log("--external-id", "E1")] == [3, 2]
    assert log("--external-id", "E1")[0]["changes"] == {"last_name": ["Bee", "Fox"]}
    assert [entry["external_id"] for entry in log("--unresolved")] == ["E2"]
    times = [entry["at"] for entry in log()]
    assert times == sorted(times, reverse=True)
    assert list(log()[0]) == [
        "run", "at", "row", "external_id", "outcome", "code", "severity", "message", "field", "value", "suggestion",
        "changes", "occurrences", "first_seen", "last_seen", "resolved_at", "delivered_at",
    ]  # fmt: skip


def test_runs_lists_them_newest_first(peoplefeed: Run, tenant: str, tmp_path: Path) -> None:
    users = _write(tmp_path / "users.csv", HEADER, "E1,Ann,Bee,,Chef,,,,")
    _imported(peoplefeed, users, "--tenant", tenant)
    _imported(peoplefeed, users, "--tenant", tenant)

    runs = json.loads(peoplefeed("runs", "--tenant", tenant, "--json").stdout)

    assert [run["number"] for run in runs] == [3, 2, 1]
    assert runs[0]["counts"]["unchanged"] == 1
    assert "employees" in peoplefeed("runs", "--tenant", tenant).stdout


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FEED_EMPTY"),
        (b"External Identifier,First Name,Last Name\nE1,Ann,Bee\n", "COLUMN_MISSING"),
        (b"\x1f\x8b\x08garbage", "FEED_UNREADABLE"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "FEED_UNREADABLE"),
    ],
    ids=["empty", "wrong-columns", "gzip-of-garbage", "no-text"],
)
def test_a_file_that_cannot_be_read_is_exit_code_1_with_a_code(
    peoplefeed: Run, tenant: str, tmp_path: Path, content: bytes, code: str
) -> None:
    (tmp_path / "users.csv").write_bytes(content)

    document = _imported(peoplefeed, tmp_path / "users.csv", "--tenant", tenant, code=1)

    assert document["run"]["state"] == "failed"
    assert document["run"]["error"]["code"] == code
    assert document["run"]["error"]["message"].endswith(".")


def test_people_read_tables_and_no_json(peoplefeed: Run, tenant: str, tmp_path: Path) -> None:
    users = _write(tmp_path / "users.csv", HEADER, "E1,Ann,Bee,,Chef,,,,", "E2,Cid,Dee,,Cheff,,,,")

    done = peoplefeed("import", str(users), "--tenant", tenant)

    assert done.returncode == 0
    assert "Run 2 is finished." in done.stdout
    assert "JOB_TITLE_NOT_FOUND" in done.stdout


def test_no_tenant_sees_another_s_people(peoplefeed: Run, tenant: str, tmp_path: Path) -> None:
    users = _write(tmp_path / "users.csv", HEADER, "E1,Ann,Bee,,Chef,,,,")
    _imported(peoplefeed, users, "--tenant", tenant)

    assert json.loads(peoplefeed("employees", "--tenant", f"{tenant}-x", "--json").stdout) == []
    assert json.loads(peoplefeed("log", "--tenant", f"{tenant}-x", "--json").stdout) == []


def test_two_imports_at_once_are_two_runs(peoplefeed: Run, tenant: str, tmp_path: Path) -> None:
    files = [
        _write(tmp_path / f"users-{n}.csv", HEADER, *(f"{n}-{i},Ann,Bee,,Chef,,,," for i in range(50))) for n in (1, 2)
    ]

    with ThreadPoolExecutor(2) as pool:
        documents = list(pool.map(lambda file: _imported(peoplefeed, file, "--tenant", tenant), files))

    assert {document["run"]["number"] for document in documents} == {2, 3}
    assert [document["run"]["counts"]["created"] for document in documents] == [50, 50]


def test_a_tenant_is_added_by_its_stack_s_name(peoplefeed: Run, folder: Path) -> None:
    stack = json.loads((folder / ".peoplefeed" / "stack.json").read_text())
    cloud = {
        "AWS_ENDPOINT_URL": stack["aws_endpoint"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": stack["region"],
    }
    arguments = ("tenant", "add", "hotel-1", "--admin", "ann@example.com", "--stack", stack["stack_name"])

    first, second = peoplefeed(*arguments, **cloud), peoplefeed(*arguments, **cloud)

    assert (first.returncode, first.stdout.splitlines()[0]) == (0, "Made the tenant 'hotel-1'."), first.stderr
    assert (second.returncode, second.stdout.splitlines()[0]) == (0, "There already was the tenant 'hotel-1'.")
    assert json.loads(peoplefeed("runs", "--tenant", "hotel-1", "--json").stdout) == []


def test_a_second_stack_in_the_same_folder_is_refused(peoplefeed: Run) -> None:
    done = peoplefeed("up", "--port", "0")

    assert done.returncode == 1
    assert "A local stack runs here already" in done.stderr
