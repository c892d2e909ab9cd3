"""The pipeline on the real template: one record by API, messages that come twice, one that always fails."""

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from command.local.clients import aws
from command.local.stack import Stack
from command.local.tokens import token_for
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import from_item, key_item

pytestmark = pytest.mark.system

_HEADER = "External Identifier,First Name,Last Name,Email,Job Title\n"
_PATIENCE_SECONDS = 150


class Company:
    """A tenant of the stack, as an administrator and an operator see it."""

    def __init__(self, stack: Stack, tenant: str) -> None:
        self.stack, self.tenant = stack, tenant
        self.s3, self.sqs, self.dynamodb = (aws(stack, service) for service in ("s3", "sqs", "dynamodb"))
        self.upload("Name\nChef\nWaiter\n", "job-titles")
        self.wait_for_run(1)

    def upload(self, content: str, kind: str = "employees", mode: str = "changes") -> dict[str, str]:
        key = f"feeds/{self.tenant}/upload/{kind}/{mode}/{time.time_ns()}.csv"
        answer = self.s3.put_object(Bucket=self.stack.bucket, Key=key, Body=content.encode())
        return {"key": key, "versionId": answer["VersionId"]}

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, Any]]:
        request = urllib.request.Request(  # noqa: S310 - the stack's own address
            self.stack.api_url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": token_for(self.stack, self.tenant), **headers},
            method=method,
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, json.load(answer)

    def run(self, number: int) -> dict[str, Any]:
        runs = self.ask("GET", "/runs?all=true&limit=100")[1]["runs"]
        return next((run for run in runs if run["number"] == number), {"state": "unknown"})

    def wait_for_run(self, number: int) -> dict[str, Any]:
        soon(lambda: self.run(number)["state"] in {"finished", "failed"})
        return self.run(number)

    def item(self, key: tuple[str, str]) -> dict[str, Any]:
        found = self.dynamodb.get_item(TableName=self.stack.tables["directory"], Key=key_item(key), ConsistentRead=True)
        return from_item(found.get("Item", {}))

    def wait_for_delivery(self, external_id: str) -> None:
        soon(lambda: "outbox_pk" not in self.item(keys.employee(self.tenant, external_id)))

    def send(self, queue: str, body: object) -> None:
        self.sqs.send_message(QueueUrl=self.stack.queues[queue], MessageBody=json.dumps(body))

    def wait_for_empty(self, queue: str) -> None:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        soon(lambda: set(self._attributes(queue, names)) == {"0"})

    def _attributes(self, queue: str, names: list[str]) -> list[str]:
        answer = self.sqs.get_queue_attributes(QueueUrl=self.stack.queues[queue], AttributeNames=names)
        return list(answer["Attributes"].values())

    def everything(self) -> list[dict[str, Any]]:
        """All items of the tenant in both tables, but for how often its line was looked at."""
        found = []
        for table in self.stack.tables.values():
            for page in self.dynamodb.get_paginator("scan").paginate(TableName=table):
                items = (from_item(item) for item in page["Items"])
                found += [item for item in items if item["pk"].split("#")[1] == self.tenant]
        return sorted(found, key=lambda item: (item["pk"], item["sk"]))


def soon(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.3)


def test_1_8_one_record_by_api_is_a_feed_of_one_row(stack: Stack) -> None:
    company = Company(stack, "one-record")
    person = {"first_name": "Ana", "last_name": "Sol", "email": "ana@hotel.example.com", "job_title": "Chef"}
    status, entry = company.ask("PUT", f"/employees/{quote('E 1')}", person, Prefer="wait=10")
    assert (status, entry["outcome"], entry["external_id"], entry["run"]) == (201, "created", "E 1", 2)
    status, answer = company.ask("PUT", f"/employees/{quote('E 1')}", {**person, "job_title": "Waiter"})
    assert status == 202
    assert company.wait_for_run(answer["run"]["number"])["counts"]["updated"] == 1
    company.wait_for_delivery("E 1")


def test_9_1_the_same_messages_again_change_nothing(stack: Stack) -> None:
    company = Company(stack, "twice")
    described = company.upload(_HEADER + "".join(f"E{n},Ana,Sol,e{n}@hotel.example.com,Chef\n" for n in range(30)))
    company.wait_for_run(2)
    company.wait_for_delivery("E29")
    soon(lambda: all("outbox_pk" not in item for item in company.everything()))
    before = company.everything()
    for _ in range(2):
        company.send("import", {"Records": [{"s3": {"object": described}}]})
        company.send("upsert", {"tenant": company.tenant, "run": 2, "chunk": 0})
    for queue in ("import", "upsert"):
        company.wait_for_empty(queue)
    assert company.everything() == before


def test_9_2_a_message_that_always_fails_is_parked_and_the_run_says_so(stack: Stack) -> None:
    company = Company(stack, "always-fails")
    company.upload(_HEADER + "E1,Ana,Sol,e1@hotel.example.com,Chef\nE2,Bo,Li,e2@hotel.example.com,Chef\n")
    company.wait_for_run(2)
    for external_id in ("E1", "E2"):
        company.wait_for_delivery(external_id)
    company.dynamodb.put_item(  # a damaged claim: E1 can never give up an address that the table says is another's
        TableName=stack.tables["directory"],
        Item=key_item(keys.claim(company.tenant, "e1@hotel.example.com")) | {"owner": {"S": "nobody known"}},
    )
    company.upload(_HEADER + "E1,Ana,Sol,new1@hotel.example.com,Chef\nE2,Bo,Luz,e2@hotel.example.com,Chef\n")
    counts = company.wait_for_run(3)["counts"]
    assert (counts["received"], counts["updated"], counts["parked"]) == (2, 1, 1)
    entries = company.ask("GET", "/log?run=3")[1]["entries"]
    told = {entry["external_id"]: (entry["outcome"], entry["code"]) for entry in entries}
    assert told == {"E1": ("parked", "INTERNAL_ERROR"), "E2": ("updated", None)}
    assert company.ask("GET", "/employees/E1")[1]["email"] == "e1@hotel.example.com"
