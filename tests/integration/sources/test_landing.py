from __future__ import annotations

import gzip
import tracemalloc
from contextlib import suppress
from random import Random

from peoplefeed.deployment import Deployment
from peoplefeed.sources.landing import Landing
from tests.integration.sources.conftest import BUCKET

MIB = 1024 * 1024
KEY = "feeds/acme/hr/employees/full/x.jsonl.gz"
AGE = "2026-11-22T13:20:39.123Z"
NOISE = Random(7)  # noqa: S311 - what does not compress


def landing(deployment: Deployment) -> Landing:
    return Landing(deployment.s3, BUCKET, KEY, AGE)


def uploads(deployment: Deployment) -> int:
    return len(deployment.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []))


def test_a_large_feed_lands_in_parts_as_one_object(deployment: Deployment) -> None:
    pieces = [NOISE.randbytes(2 * MIB) for _ in range(9)]
    with landing(deployment) as feed:
        for piece in pieces:
            feed.write(piece)
        version = feed.land()
    stored = deployment.s3.get_object(Bucket=BUCKET, Key=KEY)
    assert (stored["VersionId"], stored["Metadata"]) == (version, {"age": AGE})
    assert gzip.decompress(stored["Body"].read()) == b"".join(pieces)
    assert uploads(deployment) == 0


def test_a_feed_that_does_not_become_whole_leaves_nothing_behind(deployment: Deployment) -> None:
    with suppress(RuntimeError), landing(deployment) as feed:
        for _ in range(5):
            feed.write(NOISE.randbytes(2 * MIB))
        assert uploads(deployment) == 1
        raise RuntimeError
    assert uploads(deployment) == 0
    assert "Contents" not in deployment.s3.list_objects_v2(Bucket=BUCKET)


def test_memory_does_not_grow_with_the_number_of_records(deployment: Deployment) -> None:
    line = b'{"id":"12345","first":"Ana","last":"Ruiz","title":"Chef"}\n' * 20_000
    with landing(deployment) as feed:
        feed.write(line)
        tracemalloc.start()
        for _ in range(50):  # a million records
            feed.write(line)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        feed.land()
    assert peak < 4 * MIB
