"""Plans in the feed bucket. The first plan of a run wins for ever; every worker adopts it."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from functools import lru_cache
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from botocore.exceptions import ClientError
from pydantic import TypeAdapter

from peoplefeed.deployment import Deployment
from peoplefeed.model import Chunk, Group, PlanHead
from peoplefeed.model.plan import PLAN_FORMAT

CHUNK_GROUPS = 200
_IN_MEMORY = 16 * 1024 * 1024
_GROUP = TypeAdapter(Group)
_HEAD = TypeAdapter(PlanHead)


class UnknownPlanFormat(Exception):
    """A plan was written by code newer than this."""


def folder(tenant: str, number: int) -> str:
    """Return where everything about a run's plan lies."""
    return f"plans/{tenant}/{number:010d}/"


def put_body(deployment: Deployment, tenant: str, number: int, groups: Iterable[Group]) -> tuple[str, list[Chunk]]:
    """Store groups, one a line, under a name made from their content; return it and the chunks.

    A chunk holds 200 groups at most. A path that would not fit begins a new chunk; one longer than a chunk
    goes on in the next, which then waits for the one before. What is behind a path waits for the chunk where that ends.
    """
    with SpooledTemporaryFile(_IN_MEMORY) as file:
        chunks = list(_write_chunks(cast("IO[bytes]", file), groups))
        return put_file(deployment, f"{folder(tenant, number)}body", "jsonl", cast("IO[bytes]", file)), chunks


def _write_chunks(file: IO[bytes], groups: Iterable[Group]) -> Iterator[Chunk]:
    start, count, after, index = 0, 0, None, 0
    ends: dict[int | None, int] = {}  # of each path, in which chunk
    for block in _blocks(groups):
        for part, group in enumerate(block):
            waits_for = index if part > 0 else ends.get(group.behind)
            is_full = count == CHUNK_GROUPS or (part == 0 and count + len(block) > CHUNK_GROUPS)
            if count and (is_full or waits_for not in {None, index, after}):
                yield Chunk(start, file.tell() - start, count, after)
                start, count, after, index = file.tell(), 0, waits_for, index + 1
            if group.path is not None:
                ends[group.path] = index
            file.write(_GROUP.dump_json(group, exclude_defaults=True) + b"\n")
            count += 1
    if count:
        yield Chunk(start, file.tell() - start, count, after)


def _blocks(groups: Iterable[Group]) -> Iterator[list[Group]]:
    """Yield groups that must follow each other as one block: a path, or a single group."""
    block: list[Group] = []
    for group in groups:
        if block and (group.path is None or group.path != block[-1].path):
            yield block
            block = []
        block.append(group)
    if block:
        yield block


def put_file(deployment: Deployment, prefix: str, ending: str, file: IO[bytes]) -> str:
    """Store a file under a name made from its content, so that two planners cannot mix theirs up."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()[:32]  # type: ignore[arg-type]
    file.seek(0)
    key = f"{prefix}-{digest}.{ending}"
    deployment.s3.put_object(Bucket=deployment.names.feed_bucket, Key=key, Body=file)
    return key


def put_list(deployment: Deployment, tenant: str, number: int, name: str, texts: Iterable[str]) -> str | None:
    """Store a list of texts that belongs to a plan; return the object's key, None for nothing."""
    content = "\0".join(texts).encode()
    return put_file(deployment, f"{folder(tenant, number)}{name}", "txt", io.BytesIO(content)) if content else None


def read_list(deployment: Deployment, key: str) -> set[str]:
    """Return what `put_list` stored."""
    body = deployment.s3.get_object(Bucket=deployment.names.feed_bucket, Key=key)["Body"]
    return set(body.read().decode().split("\0"))


def put_head(deployment: Deployment, tenant: str, number: int, head: PlanHead) -> PlanHead:
    """Make a plan the plan of its run, unless the run has one; return the one that counts."""
    key = f"{folder(tenant, number)}head.json"
    try:
        deployment.s3.put_object(
            Bucket=deployment.names.feed_bucket, Key=key, Body=_HEAD.dump_json(head), IfNoneMatch="*"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"PreconditionFailed", "ConditionalRequestConflict"}:
            raise
        first = find_head(deployment, tenant, number)
        if first is None:
            raise
        return first
    return head


def find_head(deployment: Deployment, tenant: str, number: int) -> PlanHead | None:
    """Return the plan of a run, None while it has none.

    Raises:
        UnknownPlanFormat: newer code made the plan.
    """
    key = f"{folder(tenant, number)}head.json"
    try:
        answer = deployment.s3.get_object(Bucket=deployment.names.feed_bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
            return None
        raise
    head = _HEAD.validate_json(answer["Body"].read())
    if head.format > PLAN_FORMAT:
        raise UnknownPlanFormat(f"{key} has format {head.format}; this code reads up to {PLAN_FORMAT}")
    return head


def read_chunk(deployment: Deployment, head: PlanHead, index: int) -> list[Group]:
    """Return the groups of one chunk."""
    chunk = head.chunks[index]
    last = chunk.offset + chunk.length - 1
    answer = deployment.s3.get_object(
        Bucket=deployment.names.feed_bucket, Key=head.body, Range=f"bytes={chunk.offset}-{last}"
    )
    return [_GROUP.validate_json(line) for line in answer["Body"].read().splitlines()]


@lru_cache(maxsize=64)
def _head_of(deployment: Deployment, tenant: str, number: int) -> PlanHead | None:
    return find_head(deployment, tenant, number)


def head_of(deployment: Deployment, tenant: str, number: int) -> PlanHead:
    """Return the plan of a run that has one; it never changes, so that a warm worker remembers it."""
    head = _head_of(deployment, tenant, number)
    if head is None:
        _head_of.cache_clear()
        raise LookupError(f"run {number} of tenant {tenant} has no plan")
    return head
