"""The events that AWS makes of what happens: SQS's records for functions, S3's notifications of objects."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

from tests.worlds.objects import Version

type Record = dict[str, Any]

_REGION = "eu-west-1"


def record_of(queue: str, message: dict[str, Any]) -> Record:
    """Return a received message as Lambda hands it to a function."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message["Attributes"]),
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{_REGION}:123456789012:{queue}",
        "awsRegion": _REGION,
    }


def notification_of(version: Version) -> dict[str, Any]:
    """Return what S3 tells a queue of a new object version."""
    described = {
        "key": quote_plus(version.key, safe="/"),
        "size": len(version.content or b""),
        "eTag": version.etag.strip('"'),
        "versionId": version.id,
        "sequencer": f"{int(version.at.timestamp() * 1000):016X}",
    }
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": _REGION,
        "eventTime": version.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "eventName": "ObjectCreated:CompleteMultipartUpload" if version.parts else "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "feeds",
            "bucket": {"name": version.bucket, "arn": f"arn:aws:s3:::{version.bucket}"},
            "object": described,
        },
    }
    return {"Records": [record]}
