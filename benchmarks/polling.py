"""What a poll of one unpaged answer takes: peak memory and CPU time, whatever the number of records.

Usage: `uv run python benchmarks/polling.py [MIB …] [--records EXPRESSION]`. Each size is polled in a process of its
own, from a server in another one, as far as the lines of the feed. Linux only.
"""

import argparse
import json
import multiprocessing
import re
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

from peoplefeed.sources.connection import MIB, Safety
from peoplefeed.sources.credentials import Credentials
from peoplefeed.sources.http import Client
from peoplefeed.sources.inquiry import inquiry_of
from peoplefeed.sources.mistakes import parse_manifest
from peoplefeed.sources.records import pages_of
from peoplefeed.sources.trouble import SourceTrouble

SIZES = (10, 200)
EXPRESSIONS = ("rows", "rows[?active]", "companies[].employees[]", "sort_by(rows, &id)")
FIELDS = {"external_id": "id", "first_name": "first", "last_name": "last", "job_title": "title"}


def pieces(size: int, *, nested: bool) -> Iterator[bytes]:
    """Yield an answer of about so many bytes: everybody in one list, or in one company."""
    yield b'{"companies": [{"employees": [' if nested else b'{"rows": ['
    done = number = 0
    while done < size:
        person = {"id": f"E{number:07}", "first": "Ana", "last": "Sol", "title": "Chef", "active": number % 10 > 0}
        piece = b"," * bool(number) + json.dumps(person | {"note": "x" * 200}).encode()
        done, number = done + len(piece), number + 1
        yield piece
    yield b"]}]}" if nested else b"]}"


class Handler(BaseHTTPRequestHandler):
    """Answers `/flat/SIZE` and `/nested/SIZE`."""

    def do_GET(self) -> None:
        """Answer without a length, which nobody knows yet."""
        _, form, size = self.path.split("/")
        self.send_response(200)
        self.end_headers()
        for piece in pieces(int(size), nested=form == "nested"):
            self.wfile.write(piece)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve(port: Connection) -> None:
    """Answer until killed."""
    server = HTTPServer(("127.0.0.1", 0), Handler)
    port.send(server.server_address[1])
    server.serve_forever()


def poll(port: int, expression: str, size: int) -> None:
    """Poll once and print what it took."""
    form = "nested" if expression.startswith("companies") else "flat"
    document = {"name": "hr", "base_url": f"http://127.0.0.1:{port}/{form}/{size}", "records": expression}
    manifest = parse_manifest(json.dumps(document | {"fields": FIELDS}))
    inquiry, began = inquiry_of(manifest, None), time.process_time()
    with closing(Client(manifest.base_url or "", Credentials(), Safety(local=True))) as client:
        try:
            records = sum(len(page.records) for page in pages_of(manifest, inquiry, client, None))
        except SourceTrouble as trouble:
            print(f"{expression:25} {size / MIB:5.0f} MiB: {trouble}")
            return
    took = time.process_time() - began
    print(f"{expression:25} {size / MIB:5.0f} MiB {records:8,} records {peak():6.0f} MiB at most {took:6.1f} s CPU")


def peak() -> float:
    """Return the most memory that this process has had, in MiB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0


def main() -> None:
    """Poll every expression at every size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", metavar="MIB", type=int, nargs="*", default=SIZES)
    parser.add_argument("--records", metavar="EXPRESSION", action="append")
    given = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    port = ours.recv()
    for expression in given.records or EXPRESSIONS:
        for size in given.sizes:
            process = context.Process(target=poll, args=(port, expression, size * MIB))
            process.start()
            process.join()
    server.kill()


if __name__ == "__main__":
    main()
