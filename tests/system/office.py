"""An administrator at the desk: the command as it is typed, and an HR system that drops its files."""

from __future__ import annotations

import json
import secrets
import time
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from command.connection import connect
from command.local.clients import aws
from command.local.stack import Stack
from command.main import main

PATIENCE = 120.0
"""Seconds after which what should happen by itself is given up: a sweep every five minutes would bring it, too."""

HEADER = "External Identifier,First Name,Last Name,Email,Job Title,Department,Status\n"
MANIFEST = {
    "name": "payroll",
    "transport": "drop",
    "format": "csv",
    "fields": {
        "external_id": "External Identifier",
        "first_name": "First Name",
        "last_name": "Last Name",
        "email": "Email",
        "job_title": "Job Title",
        "department": "Department",
    },
    "leavers": "deactivate",
}

type Item = dict[str, Any]


def line(who: str, *, title: str = "Chef", department: str = "", status: str = "", **more: str) -> str:
    """Return a row of a users list. The address is the person's own unless another is given."""
    last, email = more.get("last", "Sol"), more.get("email", f"{who.lower()}@example.com")
    return f"{who},Ana,{last},{email},{title},{department},{status}\n"


def people(*numbers: int, **more: str) -> str:
    """Return rows of E1, E2, …, the same people each time."""
    return "".join(line(f"E{number}", **more) for number in numbers)


@dataclass
class Office:
    """One tenant of a running stack."""

    stack: Stack
    tenant: str
    folder: Path
    output: pytest.CaptureFixture[str]

    def types(self, *words: str) -> tuple[int, str, str]:
        """Run the command; return its exit code, and what it printed on both outputs."""
        self.output.readouterr()
        code = main([*words, "--tenant", self.tenant])
        said = self.output.readouterr()
        return code, said.out, said.err

    def says(self, *words: str) -> str:
        """Run the command, which must succeed, and return what it printed."""
        code, out, err = self.types(*words)
        assert code == 0, out + err
        return out

    def asks(self, *words: str) -> Any:
        """Return what the command prints for programs."""
        return json.loads(self.says(*words, "--json"))

    def sends(self, method: str, path: str, body: Item) -> Item:
        """Send something through the API, and return what became of it."""
        with connect(self.tenant, None) as connection:
            return connection.api.ask(method, path, body)

    def imports(self, rows: str, *options: str, header: str = HEADER, encoding: str = "utf-8") -> Item:
        """Import rows; return the run and its entries, whatever became of it."""
        file = self.folder / f"{secrets.token_hex(4)}.csv"
        file.write_text(header + rows, encoding)
        _, out, err = self.types("import", str(file), "--json", *options)
        assert out, err
        document: Item = json.loads(out)
        return document

    def creates(self, kind: str, *names: str) -> None:
        self.imports("".join(f"{name}\n" for name in names), "--kind", kind, header="Name\n")

    def connects(self, **more: object) -> None:
        """Let an HR system drop full lists, in which whoever is missing has left (1.5)."""
        file = self.folder / "payroll.json"
        file.write_text(json.dumps(MANIFEST | more))
        self.says("source", "add", str(file))

    def drops(self, rows: str, *, mode: str = "full", header: str = HEADER) -> Item:
        """Let the HR system drop a file, and return its run when it is over."""
        before = self._last_run()
        key = f"feeds/{self.tenant}/payroll/employees/{mode}/{secrets.token_hex(4)}.csv"
        aws(self.stack, "s3").put_object(Bucket=self.stack.bucket, Key=key, Body=(header + rows).encode())
        return self.comes("the dropped file is worked off", lambda: self._run_after(before))

    def comes[T](self, what: str, look: Callable[[], T | None], patience: float = PATIENCE) -> T:
        """Wait for something that happens by itself."""
        ends = time.monotonic() + patience
        while not (found := look()):
            assert time.monotonic() < ends, f"{what}: not after {patience:.0f} s"
            time.sleep(0.3)
        return found

    def employees(self) -> dict[str, Item]:
        return {person["external_id"]: person for person in self.asks("employees")}

    def on_the_platform(self) -> dict[str, Item]:
        """Return the accounts of the local learning platform, by external ID."""
        url = f"{self.stack.learning_platform.format(tenant=self.tenant)}/Users?count=200"
        with urllib.request.urlopen(url) as answer:  # noqa: S310 - the stack's own platform
            found: list[Item] = json.load(answer).get("Resources", [])
        return {account["externalId"]: account for account in found}

    def active(self) -> set[str]:
        return {who for who, person in self.employees().items() if person["active"]}

    def settled(self) -> None:
        """Wait until nothing is left to mend."""
        self.comes("nothing is open", lambda: not self.asks("log", "--unresolved"))

    def holds(self) -> list[Item]:
        found: list[Item] = self.asks("holds")
        return found

    def seen(self) -> str:
        """Return the one hold that there is, as the command wants it named."""
        [hold] = self.holds()
        return f"{hold['id']}/{hold['version']}"

    def _last_run(self) -> int:
        return max((int(run["number"]) for run in self._runs()), default=0)

    def _run_after(self, number: int) -> Item | None:
        new = (run for run in self._runs() if run["number"] > number and run["source"] == "payroll")
        return next((run for run in new if run["state"] not in {"waiting", "planning", "applying"}), None)

    def _runs(self) -> Iterable[Item]:
        runs: list[Item] = self.asks("runs", "--all")
        return runs
