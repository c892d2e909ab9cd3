"""A feed object that grows in parts: gzip, one record a line, in S3 only when it is whole.

It can be put down and taken up again by another function: S3 keeps the parts, an object beside them what is too
little for a part. Each goes on with a new gzip member, of which a gzip file may have any number (RFC 1952, 2.2).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_PART = 8 * 1024 * 1024
_LEAST = 5 * 1024 * 1024
"""S3 takes no part smaller than this but the last."""

_GZIP = 31  # zlib's name for gzip with the largest window


@dataclass(frozen=True, slots=True)
class Suspended:
    """A feed object that is not finished: its upload, the ETags of its parts, and the object with the rest."""

    upload: str | None = None
    parts: tuple[str, ...] = ()
    rest: str | None = None


@dataclass(slots=True)
class Landing:
    """What a poll has fetched so far. Memory holds one part, however many records there are.

    Used as a context: what neither lands nor is suspended leaves nothing behind.
    """

    s3: S3Client
    bucket: str
    key: str
    age: str
    compress: bool = True
    part_bytes: int = _PART
    _gzip: Any = field(init=False)
    _waiting: bytearray = field(default_factory=bytearray, init=False)
    _upload: str | None = field(default=None, init=False)
    _parts: list[CompletedPartTypeDef] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Begin to compress; nothing is sent yet."""
        self._gzip = zlib.compressobj(wbits=_GZIP)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take back the parts of what never became whole."""
        if self._upload is not None:
            abandon(self.s3, self.bucket, self.key, self._upload)
            self._upload = None

    def resume(self, suspended: Suspended) -> None:
        """Go on where another function stopped."""
        self._upload = suspended.upload
        self._parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(suspended.parts, start=1)]
        if suspended.rest is not None:
            self._waiting += self.s3.get_object(Bucket=self.bucket, Key=suspended.rest)["Body"].read()

    def suspend(self, rest: str) -> Suspended:
        """Put everything down; what is too little for a part goes to the key `rest`."""
        self._waiting += self._gzip.flush()
        if len(self._waiting) >= _LEAST:
            self._send_part()
        tags = tuple(part["ETag"] for part in self._parts if "ETag" in part)
        suspended = Suspended(self._upload, tags, rest if self._waiting else None)
        if self._waiting:
            self.s3.put_object(Bucket=self.bucket, Key=rest, Body=bytes(self._waiting))
        self._upload = None
        return suspended

    def write(self, content: bytes) -> None:
        """Add lines."""
        self._waiting += self._gzip.compress(content) if self.compress else content
        if len(self._waiting) >= self.part_bytes:
            self._send_part()

    def land(self) -> str:
        """Make the object appear, all at once, and return its version."""
        if self.compress:
            self._waiting += self._gzip.flush()
        if self._upload is None:
            return self._put_whole()
        if self._waiting:
            self._send_part()
        answer = self.s3.complete_multipart_upload(
            Bucket=self.bucket, Key=self.key, UploadId=self._upload, MultipartUpload={"Parts": self._parts}
        )
        self._upload = None
        return answer.get("VersionId", "")

    def _put_whole(self) -> str:
        answer = self.s3.put_object(Bucket=self.bucket, Key=self.key, Body=bytes(self._waiting), **self._description())
        return answer.get("VersionId", "")

    def _send_part(self) -> None:
        if self._upload is None:
            begun = self.s3.create_multipart_upload(Bucket=self.bucket, Key=self.key, **self._description())
            self._upload = begun["UploadId"]
        number = len(self._parts) + 1
        answer = self.s3.upload_part(
            Bucket=self.bucket, Key=self.key, UploadId=self._upload, PartNumber=number, Body=bytes(self._waiting)
        )
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        self._waiting.clear()

    def _description(self) -> Any:  # noqa: ANN401 - keywords of two calls
        kind = "application/gzip" if self.compress else "application/octet-stream"
        return {"Metadata": {"age": self.age}, "ContentType": kind}


def abandon(s3: S3Client, bucket: str, key: str, upload: str) -> None:
    """Take the parts of an upload back, if they are still there."""
    try:
        s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchUpload":
            raise
