from __future__ import annotations

from typing import Any

import pytest

from peoplefeed.dynamo import keys
from tests.unit.template.translation import Stack, every, target

TABLES = ("Directory", "FeedLog")
KEPT = (*TABLES, "FeedBucket", "UserPool")


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_encrypted_with_a_key_whose_use_is_recorded(deployed: Stack, table: str) -> None:
    assert deployed[table]["SSESpecification"] == {"SSEEnabled": True}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_can_be_restored_to_any_second(deployed: Stack, table: str) -> None:
    assert deployed[table]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_forgets_what_has_expired(deployed: Stack, table: str) -> None:
    assert deployed[table]["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_costs_what_is_asked_of_it(deployed: Stack, table: str) -> None:
    assert deployed[table]["BillingMode"] == "PAY_PER_REQUEST"


def test_only_the_local_stage_can_be_deleted_by_mistake(deployed: Stack, local: Stack) -> None:
    assert [deployed[table]["DeletionProtectionEnabled"] for table in TABLES] == [True, True]
    assert [local[table]["DeletionProtectionEnabled"] for table in TABLES] == [False, False]
    assert (deployed["UserPool"]["DeletionProtection"], local["UserPool"]["DeletionProtection"]) == (
        "ACTIVE",
        "INACTIVE",
    )


@pytest.mark.parametrize("name", KEPT)
def test_data_outlive_their_stack(template: dict[str, Any], name: str) -> None:
    resource = template["Resources"][name]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_the_tables_have_the_indexes_that_the_code_asks(deployed: Stack) -> None:
    indexes = {table: {index["IndexName"] for index in deployed[table]["GlobalSecondaryIndexes"]} for table in TABLES}
    assert indexes == {
        "Directory": {keys.PEOPLE_INDEX, keys.OUTBOX_INDEX, keys.LINE_INDEX, keys.DUE_INDEX},
        "FeedLog": {keys.STORY_INDEX, keys.UNRESOLVED_INDEX, keys.PROBLEMS_INDEX},
    }


def test_the_bucket_is_versioned_private_and_encrypted(deployed: Stack) -> None:
    bucket = deployed["FeedBucket"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    encryption = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]


def test_nobody_reads_or_writes_the_bucket_without_tls(deployed: Stack) -> None:
    [policy] = deployed.resources("AWS::S3::BucketPolicy").values()
    [statement] = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [{"Fn::GetAtt": ["FeedBucket", "Arn"]}, {"Fn::Sub": "${FeedBucket.Arn}/*"}]


def test_feeds_and_plans_go_when_their_time_is_up_in_every_version(template: dict[str, Any]) -> None:
    stack = Stack.of(template, Stage="prod", FeedRetentionDays=30)
    rules = {rule["Id"]: rule for rule in stack["FeedBucket"]["LifecycleConfiguration"]["Rules"]}
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}
    assert [(rules[name]["Prefix"], rules[name]["ExpirationInDays"]) for name in ("feeds", "plans")] == [
        ("feeds/", 30),
        ("plans/", 30),
    ]
    assert rules["feeds"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert rules["plans"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_uploads_that_were_never_completed_and_empty_markers_go_too(deployed: Stack) -> None:
    [rule] = [rule for rule in deployed["FeedBucket"]["LifecycleConfiguration"]["Rules"] if "Prefix" not in rule]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert rule["ExpiredObjectDeleteMarker"] is True


def test_feeds_stay_longer_than_a_dead_letter_may_wait(template: dict[str, Any]) -> None:
    seconds = template["Resources"]["ImportDeadLetters"]["Properties"]["MessageRetentionPeriod"]
    assert template["Parameters"]["FeedRetentionDays"]["MinValue"] * 86_400 > seconds


def test_an_arriving_feed_wakes_the_import_queue_and_a_plan_does_not(deployed: Stack) -> None:
    [notification] = deployed["FeedBucket"]["NotificationConfiguration"]["QueueConfigurations"]
    assert target(notification["Queue"]) == "ImportQueue"
    assert notification["Event"] == "s3:ObjectCreated:*"
    assert notification["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "feeds/"}]


def test_only_this_bucket_of_this_account_may_send_to_the_import_queue(
    template: dict[str, Any], deployed: Stack
) -> None:
    [statement] = deployed["ImportQueuePolicy"]["PolicyDocument"]["Statement"]
    name = deployed["FeedBucket"]["BucketName"]["Fn::Sub"]
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert every(statement["Action"]) == ["sqs:SendMessage"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnEquals": {"aws:SourceArn": {"Fn::Sub": f"arn:${{AWS::Partition}}:s3:::{name}"}},
    }
    assert template["Resources"]["FeedBucket"]["DependsOn"] == "ImportQueuePolicy"
