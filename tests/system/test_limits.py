"""6.5 on the local stack: what is too large is refused whole or line by line, with a sentence, and writes nothing."""

from __future__ import annotations

import gzip
import secrets
import zlib

import pytest

from command.connection import connect
from command.local.clients import aws
from tests.system.office import HEADER, Item, Office, line

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


def packed(block: bytes, times: int) -> bytes:
    packer = zlib.compressobj(wbits=31)
    pieces = [packer.compress(HEADER.encode()), *(packer.compress(block) for _ in range(times)), packer.flush()]
    return b"".join(pieces)


def uploaded(office: Office, content: bytes, name: str = "staff.csv.gz") -> Item:
    """Put a file where uploads go, and return its run when it is over."""
    key = f"feeds/{office.tenant}/upload/employees/changes/{secrets.token_hex(4)}-{name}"
    version = aws(office.stack, "s3").put_object(Bucket=office.stack.bucket, Key=key, Body=content)["VersionId"]

    def over() -> Item | None:
        with connect(office.tenant, None) as connection:
            runs: list[Item] = connection.api.get("/runs", key=key, version_id=version)["runs"]
        return next((run for run in runs if run["state"] in {"failed", "finished"}), None)

    return office.comes("the file is dealt with", over, patience=480)


def is_refused_whole(office: Office, run: Item, sentence: str) -> None:
    assert (run["state"], run["error"]["code"]) == ("failed", "FEED_TOO_LARGE")
    assert sentence in run["error"]["message"]
    [entry] = office.asks("log", "--run", str(run["number"]))
    assert (entry["code"], entry["severity"]) == ("FEED_TOO_LARGE", "error")
    assert office.employees() == {}


def test_6_5_more_than_two_million_rows_are_refused_whole(office: Office) -> None:
    run = uploaded(office, packed(b"E1,Ana,Sol,,Chef,,\n" * 1_000, 2_000) + gzip.compress(b"E2,Ana,Sol,,Chef,,\n"))
    is_refused_whole(office, run, "it has more than 2,000,000 rows")


def test_6_5_more_than_two_gib_unpacked_are_refused_whole(office: Office) -> None:
    run = uploaded(office, packed((b" " * 1023 + b"\n") * 1024, 2048))
    is_refused_whole(office, run, "it has more than 2 GiB of text")


def test_6_5_more_than_two_hundred_columns_are_refused_whole(office: Office) -> None:
    names = [*HEADER.strip().split(","), *(f"Extra {number}" for number in range(194))]
    rows = line("E1").strip() + "," * 194 + "\n"
    is_refused_whole(office, uploaded(office, (",".join(names) + "\n" + rows).encode()), "it has 201 columns")
    fits = ",".join(names[:-1]) + "\n" + rows.replace(",\n", "\n")
    assert uploaded(office, fits.encode())["counts"]["created"] == 1


def test_6_5_a_line_of_64_kib_is_read_and_a_longer_one_is_rejected_alone(office: Office) -> None:
    fits = "E1,Ana,Sol,e1@example.com,Chef,,"
    fits = fits.replace("Chef,", f"Chef,{' ' * (64 * 1024 - len(fits))}")
    assert len(fits) == 64 * 1024
    document = office.imports(f"{fits}\n{fits.replace('E1', 'E22')}\n" + line("E3"))
    assert document["run"]["counts"]["created"] == 2
    [entry] = [entry for entry in document["entries"] if entry["outcome"] == "rejected"]
    assert (entry["row"], entry["code"]) == (2, "LINE_BROKEN")
    assert "longer than 64 KiB" in entry["message"]
    assert set(office.employees()) == {"E1", "E3"}
