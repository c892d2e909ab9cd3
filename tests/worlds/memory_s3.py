"""S3 in memory: versioned buckets, as far as the project uses them.

`delivered` is called with every object version that comes to be, as a bucket's notifications are.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from botocore.response import StreamingBody

from tests.worlds.errors import Exceptions, Refused
from tests.worlds.objects import Version, byte_range, content_of, precondition_failed
from tests.worlds.operations import Answer, Request, operation

_DESCRIPTION = "Metadata ContentType ContentEncoding ServerSideEncryption"
_PAGE = 1000


@dataclass(slots=True)
class _Upload:
    request: Request
    parts: dict[int, bytes] = field(default_factory=dict)


class MemoryS3:
    """A client and its buckets. Every bucket is versioned, and is there when it is first written to."""

    exceptions = Exceptions()

    def __init__(
        self,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        delivered: Callable[[Version], None] = lambda _version: None,
    ) -> None:
        self.lock = RLock()
        self._now, self._delivered = now, delivered
        self._objects: dict[tuple[str, str], list[Version]] = {}
        self._uploads: dict[str, _Upload] = {}
        self._count = 0
        self.smallest_part = 5 * 1024 * 1024

    # What a test asks for and no client has.

    def fork(self, now: Callable[[], datetime], delivered: Callable[[Version], None]) -> MemoryS3:
        """Return a client of buckets that begin with the same objects."""
        twin = MemoryS3(now, delivered)
        twin._objects = {place: list(versions) for place, versions in self._objects.items()}
        twin._uploads = {name: _Upload(one.request, dict(one.parts)) for name, one in self._uploads.items()}
        twin._count, twin.smallest_part = self._count, self.smallest_part
        return twin

    def keys(self, prefix: str = "") -> list[str]:
        """Return the keys of all objects, whatever their bucket."""
        with self.lock:
            found = [key for (_, key), versions in self._objects.items() if versions[-1].content is not None]
            return sorted(key for key in found if key.startswith(prefix))

    def content(self, key: str) -> bytes:
        """Return what an object holds now."""
        with self.lock:
            (versions,) = [versions for (_, name), versions in self._objects.items() if name == key]
            return versions[-1].content or b""

    @property
    def unfinished_uploads(self) -> int:
        return len(self._uploads)

    # Writing.

    @operation("Bucket Key", f"Body IfNoneMatch IfMatch {_DESCRIPTION}")
    def put_object(self, request: Request) -> Answer:
        self._check_precondition(request)
        version = self._store(request, content_of(request.get("Body", b"")))
        return {"ETag": version.etag, "VersionId": version.id}

    @operation("Bucket Key CopySource", "Metadata MetadataDirective ContentType")
    def copy_object(self, request: Request) -> Answer:
        copied = self._find(dict(request["CopySource"]), "NoSuchKey", "The specified key does not exist.")
        kept = {} if request.get("MetadataDirective") == "REPLACE" else {"Metadata": copied.metadata}
        version = self._store(kept | request, copied.content or b"")
        return {"CopyObjectResult": {"ETag": version.etag}, "VersionId": version.id}

    def upload_fileobj(self, *given: Any, **named: Any) -> None:
        """Like boto3's own, which is no operation of the service; its callback is not called."""
        request = dict(zip(("Fileobj", "Bucket", "Key", "ExtraArgs"), given, strict=False)) | named
        place = {"Bucket": request["Bucket"], "Key": request["Key"]}
        self.put_object(**place, Body=request["Fileobj"], **(request.get("ExtraArgs") or {}))

    @operation("Bucket Key", "VersionId")
    def delete_object(self, request: Request) -> Answer:
        place = request["Bucket"], request["Key"]
        if "VersionId" in request:
            left = [version for version in self._objects.get(place, ()) if version.id != request["VersionId"]]
            self._objects[place] = left
            if not left:
                del self._objects[place]
            return {"VersionId": request["VersionId"]}
        marker = Version(*place, self._new_id(), None, self._now())
        self._objects.setdefault(place, []).append(marker)
        return {"DeleteMarker": True, "VersionId": marker.id}

    @operation("Bucket Key", _DESCRIPTION)
    def create_multipart_upload(self, request: Request) -> Answer:
        upload_id = self._new_id()
        self._uploads[upload_id] = _Upload(request)
        return {"Bucket": request["Bucket"], "Key": request["Key"], "UploadId": upload_id}

    @operation("Bucket Key UploadId PartNumber Body")
    def upload_part(self, request: Request) -> Answer:
        content = content_of(request["Body"])
        self._upload(request).parts[request["PartNumber"]] = content
        return {"ETag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'}

    @operation("Bucket Key UploadId MultipartUpload", "IfNoneMatch")
    def complete_multipart_upload(self, request: Request) -> Answer:
        upload = self._upload(request)
        self._check_precondition(request)
        named = [part["PartNumber"] for part in request["MultipartUpload"]["Parts"]]
        if named != sorted(upload.parts.keys() & set(named)):
            raise Refused("InvalidPart", "One or more of the specified parts could not be found.")
        if any(len(upload.parts[number]) < self.smallest_part for number in named[:-1]):
            raise Refused("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
        content = b"".join(upload.parts[number] for number in named)
        version = self._store(upload.request, content, parts=len(named))
        del self._uploads[request["UploadId"]]
        return {"Bucket": version.bucket, "Key": version.key, "ETag": version.etag, "VersionId": version.id}

    @operation("Bucket Key UploadId")
    def abort_multipart_upload(self, request: Request) -> Answer:
        self._upload(request)
        del self._uploads[request["UploadId"]]
        return {}

    def _upload(self, request: Request) -> _Upload:
        if request["UploadId"] not in self._uploads:
            raise Refused("NoSuchUpload", "The specified upload does not exist.", 404)
        return self._uploads[request["UploadId"]]

    def _check_precondition(self, request: Request) -> None:
        stored = self._current(request)
        if "IfNoneMatch" in request and stored is not None:
            raise precondition_failed("If-None-Match")
        if "IfMatch" in request and (stored is None or stored.etag.strip('"') != request["IfMatch"].strip('"')):
            raise precondition_failed("If-Match")

    def _store(self, request: Request, content: bytes, parts: int = 0) -> Version:
        place = request["Bucket"], request["Key"]
        content_type = request.get("ContentType", "binary/octet-stream")
        metadata = {name.lower(): value for name, value in request.get("Metadata", {}).items()}
        version = Version(*place, self._new_id(), content, self._now(), metadata, content_type, parts)
        self._objects.setdefault(place, []).append(version)
        self._delivered(version)
        return version

    def _new_id(self) -> str:
        """Return an id that is new here, and the same whenever the same is done again."""
        self._count += 1
        return base64.urlsafe_b64encode(hashlib.blake2b(str(self._count).encode(), digest_size=24).digest()).decode()

    # Reading.

    @operation("Bucket Key", "VersionId Range IfMatch")
    def get_object(self, request: Request) -> Answer:
        version = self._find(request, "NoSuchKey", "The specified key does not exist.")
        content = version.content or b""
        answer = self._described(version)
        if "Range" in request:
            first, last = byte_range(request["Range"], len(content))
            answer["ContentRange"] = f"bytes {first}-{last}/{len(content)}"
            content = content[first : last + 1]
        body = StreamingBody(io.BytesIO(content), len(content))
        return answer | {"Body": body, "ContentLength": len(content)}

    @operation("Bucket Key", "VersionId")
    def head_object(self, request: Request) -> Answer:
        return self._described(self._find(request, "404", "Not Found"))

    @operation("Bucket", "Prefix MaxKeys ContinuationToken StartAfter Delimiter")
    def list_objects_v2(self, request: Request) -> Answer:
        prefix, after = request.get("Prefix", ""), request.get("ContinuationToken") or request.get("StartAfter") or ""
        found = [
            versions[-1]
            for (bucket, key), versions in sorted(self._objects.items(), key=lambda pair: pair[0])
            if bucket == request["Bucket"] and key.startswith(prefix) and key > after
        ]
        present = [version for version in found if version.content is not None]
        shown = present[: request.get("MaxKeys", _PAGE)]
        answer: Answer = {"KeyCount": len(shown), "IsTruncated": len(shown) < len(present)}
        if shown:
            answer["Contents"] = [
                {"Key": one.key, "Size": len(one.content or b""), "ETag": one.etag, "LastModified": one.at}
                for one in shown
            ]
        if answer["IsTruncated"]:
            answer["NextContinuationToken"] = shown[-1].key
        return answer

    def _current(self, request: Request) -> Version | None:
        versions = self._objects.get((request["Bucket"], request["Key"]))
        return versions[-1] if versions and versions[-1].content is not None else None

    def _find(self, request: Request, code: str, message: str) -> Version:
        if "VersionId" not in request:
            version = self._current(request)
        else:
            versions = self._objects.get((request["Bucket"], request["Key"]), ())
            version = next((one for one in versions if one.id == request["VersionId"]), None)
            code = "NoSuchVersion" if code == "NoSuchKey" and version is None else code
        if version is None or version.content is None:
            raise Refused(code, message, 404)
        return version

    def _described(self, version: Version) -> Answer:
        return {
            "ContentLength": len(version.content or b""),
            "ContentType": version.content_type,
            "ETag": version.etag,
            "LastModified": version.at.replace(microsecond=0),
            "Metadata": dict(version.metadata),
            "VersionId": version.id,
            "AcceptRanges": "bytes",
        }
