"""A feed object that grows in parts: gzip, one record a line, in S3 only when it is whole."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_PART = 8 * 1024 * 1024
_GZIP = 31  # zlib's name for gzip with the largest window


@dataclass(slots=True)
class Landing:
    """What a poll has fetched so far. Memory holds one part, however many records there are.

    Used as a context: what is not landed by `land` leaves nothing behind.
    """

    s3: S3Client
    bucket: str
    key: str
    age: str
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
            self.s3.abort_multipart_upload(Bucket=self.bucket, Key=self.key, UploadId=self._upload)
            self._upload = None

    def write(self, lines: bytes) -> None:
        """Add lines."""
        self._waiting += self._gzip.compress(lines)
        if len(self._waiting) >= self.part_bytes:
            self._send_part()

    def land(self) -> str:
        """Make the object appear, all at once, and return its version."""
        self._waiting += self._gzip.flush()
        if self._upload is None:
            return self._put_whole()
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
        return {"Metadata": {"age": self.age}, "ContentType": "application/gzip"}
