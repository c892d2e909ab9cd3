"""The memory fake of S3 answers as S3 does, which is to say as moto does: the same asked of both."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.integration.semantics import MALFORMED, answer_of
from tests.worlds.memory_s3 import MemoryS3

BUCKET = "feeds-of-test"
PART = 5 * 1024 * 1024


@pytest.fixture(params=["memory", "moto"])
def s3(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "memory":
        yield MemoryS3()
        return
    with mock_aws():
        client = boto3.client("s3", region_name="eu-west-1")
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield client
        client.close()


def put(s3: Any, content: Any = b"one", key: str = "a", **more: Any) -> Any:
    return s3.put_object(Bucket=BUCKET, Key=key, Body=content, **more)


def content(s3: Any, key: str = "a", **more: Any) -> bytes:
    read: bytes = s3.get_object(Bucket=BUCKET, Key=key, **more)["Body"].read()
    return read


def test_an_object_is_described_as_it_was_put(s3: Any) -> None:
    made = put(s3, Metadata={"Age": "2026"}, ContentType="text/csv")

    found = s3.head_object(Bucket=BUCKET, Key="a")

    assert {name: found[name] for name in ("ContentLength", "ContentType", "Metadata")} == {
        "ContentLength": 3,
        "ContentType": "text/csv",
        "Metadata": {"age": "2026"},
    }
    assert (found["VersionId"], found["ETag"]) == (made["VersionId"], made["ETag"])
    assert found["LastModified"].tzinfo is not None


@pytest.mark.parametrize(
    "body", [b"one", "one", io.BytesIO(b"one"), bytearray(b"one")], ids=lambda body: type(body).__name__
)
def test_a_body_is_bytes_text_or_a_file(s3: Any, body: Any) -> None:
    if hasattr(body, "seek"):
        body.seek(0)
    put(s3, body)

    assert content(s3) == b"one"


def test_every_version_can_be_read(s3: Any) -> None:
    first, second = put(s3, b"one")["VersionId"], put(s3, b"two")["VersionId"]

    assert first != second
    assert (content(s3), content(s3, VersionId=first), content(s3, VersionId=second)) == (b"two", b"one", b"two")


def test_a_deleted_object_is_gone_and_its_versions_are_not(s3: Any) -> None:
    version = put(s3)["VersionId"]

    deleted = s3.delete_object(Bucket=BUCKET, Key="a")

    assert deleted["DeleteMarker"] is True
    assert answer_of(lambda: content(s3)) == "NoSuchKey"
    assert answer_of(lambda: s3.head_object(Bucket=BUCKET, Key="a")) == "404"
    assert content(s3, VersionId=version) == b"one"
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET)


def test_a_deleted_version_is_gone(s3: Any) -> None:
    first, second = put(s3, b"one")["VersionId"], put(s3, b"two")["VersionId"]

    s3.delete_object(Bucket=BUCKET, Key="a", VersionId=second)

    assert content(s3) == b"one"
    s3.delete_object(Bucket=BUCKET, Key="a", VersionId=first)
    assert answer_of(lambda: content(s3)) == "NoSuchKey"


def test_what_is_not_there_is_not_found(s3: Any) -> None:
    version = put(s3, key="other")["VersionId"]

    assert answer_of(lambda: content(s3)) == "NoSuchKey"
    assert answer_of(lambda: s3.head_object(Bucket=BUCKET, Key="a", VersionId=version)) == "404"
    assert answer_of(lambda: s3.get_object(Bucket=BUCKET)) == MALFORMED


def test_only_the_first_is_put_where_nothing_may_be(s3: Any) -> None:
    put(s3, b"first", IfNoneMatch="*")

    with pytest.raises(ClientError) as refused:
        put(s3, b"second", IfNoneMatch="*")

    assert refused.value.response["Error"]["Code"] == "PreconditionFailed"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    assert content(s3) == b"first"


def test_what_was_deleted_may_be_put_again(s3: Any) -> None:
    put(s3)
    s3.delete_object(Bucket=BUCKET, Key="a")

    put(s3, b"again", IfNoneMatch="*")

    assert content(s3) == b"again"


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("bytes=0-2", b"012"),
        ("bytes=7-", b"789"),
        ("bytes=-2", b"89"),
        ("bytes=8-99", b"89"),
        ("bytes=20-", "InvalidRange"),
    ],
)
def test_a_range_is_read_alone(s3: Any, asked: str, shown: Any) -> None:
    put(s3, b"0123456789")

    assert answer_of(lambda: content(s3, Range=asked)) == shown


def test_a_body_is_a_stream(s3: Any) -> None:
    put(s3, b"one\ntwo\nthree")

    body = s3.get_object(Bucket=BUCKET, Key="a")["Body"]
    first, rest = body.read(4), list(body.iter_lines())
    body.close()

    assert (first, rest) == (b"one\n", [b"two", b"three"])


def test_a_listing_comes_in_pages_and_in_order(s3: Any) -> None:
    for key in ("b", "plans/2", "plans/1", "plans/3"):
        put(s3, key=key)

    first = s3.list_objects_v2(Bucket=BUCKET, Prefix="plans/", MaxKeys=2)
    second = s3.list_objects_v2(Bucket=BUCKET, Prefix="plans/", ContinuationToken=first["NextContinuationToken"])

    assert [entry["Key"] for page in (first, second) for entry in page["Contents"]] == ["plans/1", "plans/2", "plans/3"]
    assert (first["IsTruncated"], second["IsTruncated"], second["KeyCount"]) == (True, False, 1)


def test_a_file_is_uploaded(s3: Any) -> None:
    s3.upload_fileobj(io.BytesIO(b"one"), BUCKET, "a", ExtraArgs={"Metadata": {"uploaded-by": "ann"}})

    assert content(s3) == b"one"
    assert s3.head_object(Bucket=BUCKET, Key="a")["Metadata"] == {"uploaded-by": "ann"}


def begun(s3: Any, *parts: bytes) -> tuple[str, list[dict[str, Any]]]:
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="a", Metadata={"age": "2026"})["UploadId"]
    tags = [
        s3.upload_part(Bucket=BUCKET, Key="a", UploadId=upload, PartNumber=number, Body=part)["ETag"]
        for number, part in enumerate(parts, 1)
    ]
    return upload, [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]


def complete(s3: Any, upload: str, parts: list[dict[str, Any]]) -> Any:
    return s3.complete_multipart_upload(Bucket=BUCKET, Key="a", UploadId=upload, MultipartUpload={"Parts": parts})


def test_an_object_in_parts_appears_when_it_is_whole(s3: Any) -> None:
    upload, parts = begun(s3, b"x" * PART, b"end")
    before = answer_of(lambda: content(s3))

    made = complete(s3, upload, parts)

    assert before == "NoSuchKey"
    assert content(s3) == b"x" * PART + b"end"
    assert made["ETag"].endswith('-2"')
    assert s3.head_object(Bucket=BUCKET, Key="a")["Metadata"] == {"age": "2026"}


def test_an_object_in_parts_that_was_given_up_leaves_nothing(s3: Any) -> None:
    upload, _ = begun(s3, b"end")

    s3.abort_multipart_upload(Bucket=BUCKET, Key="a", UploadId=upload)

    assert answer_of(lambda: content(s3)) == "NoSuchKey"


def test_all_parts_but_the_last_are_large(s3: Any) -> None:
    upload, parts = begun(s3, b"small", b"end")

    assert answer_of(lambda: complete(s3, upload, parts)) == "EntityTooSmall"
