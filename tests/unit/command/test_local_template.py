"""Reading the template, and fitting it to MiniStack."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from command.local.fitting import fitted
from command.local.install import PROJECT
from command.local.template import Template, read_template

SHORT = """
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${AWS::StackName}-queue"
      Arn: !GetAtt Other.Nested.Arn
      Name: !If [IsLocal, !Ref Name, !Ref AWS::NoValue]
      Joined: !Join ["-", [a, !Ref B]]
      Chosen: !Not [!Condition IsLocal]
      Whole: !Transform {Name: AWS::Include}
      Number: 5
"""


@pytest.fixture
def short(tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "template.yaml"
    path.write_text(SHORT)
    properties: dict[str, Any] = read_template(path)["Resources"]["Queue"]["Properties"]
    return properties


def test_each_tag_becomes_the_function_that_it_is_short_for(short: dict[str, Any]) -> None:
    assert short == {
        "QueueName": {"Fn::Sub": "${AWS::StackName}-queue"},
        "Arn": {"Fn::GetAtt": ["Other", "Nested.Arn"]},
        "Name": {"Fn::If": ["IsLocal", {"Ref": "Name"}, {"Ref": "AWS::NoValue"}]},
        "Joined": {"Fn::Join": ["-", ["a", {"Ref": "B"}]]},
        "Chosen": {"Fn::Not": [{"Condition": "IsLocal"}]},
        "Whole": {"Fn::Transform": {"Name": "AWS::Include"}},
        "Number": 5,
    }


def test_a_version_is_no_date(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(SHORT)

    assert read_template(tmp_path / "template.yaml")["AWSTemplateFormatVersion"] == "2010-09-09"


def test_the_tags_stay_out_of_everybody_else_s_yaml() -> None:
    with pytest.raises(yaml.constructor.ConstructorError):
        yaml.safe_load("!Ref x")


def test_the_real_template_is_understood() -> None:
    template = read_template(PROJECT / "template.yaml")

    assert "!" not in "".join(_strings(template["Resources"]["UpsertRecord"]["Properties"]["Events"]))
    assert template["Transform"] == "AWS::Serverless-2016-10-31"


def test_limits_on_concurrency_are_numbers() -> None:
    limit = {"Fn::If": ["Reserved", {"Ref": "Reserved"}, {"Ref": "Workers"}]}
    template = _template({"ScalingConfig": {"MaximumConcurrency": limit}, "Other": {"Ref": "Workers"}})
    template["Parameters"] = {"Workers": {"Default": 20}, "Reserved": {"Default": "0"}}

    made = fitted(template, {"Workers": "3"})["Resources"]["It"]["Properties"]

    assert made["ScalingConfig"]["MaximumConcurrency"] == {"Fn::If": ["Reserved", 0, 3]}
    assert made["Other"] == {"Ref": "Workers"}


def test_statements_lose_the_condition_that_is_never_told_and_nothing_else() -> None:
    fence = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["T#*"]}, "Null": {"dynamodb:LeadingKeys": "false"}}
    statement = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "x"}
    others = {"StringEquals": {"events:source": "peoplefeed"}}
    template = _template({"Statement": [statement | {"Condition": fence}, statement | {"Condition": fence | others}]})

    made = fitted(template, {})["Resources"]["It"]["Properties"]["Statement"]

    assert made == [statement, statement | {"Condition": others}]


@pytest.mark.parametrize(
    ("allowed", "made"),
    [
        ("sqs:SendMessage", ["sqs:SendMessage", "sqs:SendMessageBatch"]),
        (["sqs:GetQueueUrl", "sqs:DeleteMessage"], ["sqs:GetQueueUrl", "sqs:DeleteMessage", "sqs:DeleteMessageBatch"]),
        ("s3:GetObject", "s3:GetObject"),
    ],
)
def test_who_may_send_may_send_in_batches(allowed: str | list[str], made: str | list[str]) -> None:
    template = _template({"Statement": [{"Effect": "Allow", "Action": allowed}]})

    assert fitted(template, {})["Resources"]["It"]["Properties"]["Statement"][0]["Action"] == made


def test_a_bucket_s_policy_loses_what_forbids_plain_http() -> None:
    tls = {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    other = {"Effect": "Deny", "Action": "s3:PutObject"}
    policies = {
        "Only": {"Type": "AWS::S3::BucketPolicy", "Properties": {"PolicyDocument": {"Statement": [tls]}}},
        "Both": {"Type": "AWS::S3::BucketPolicy", "Properties": {"PolicyDocument": {"Statement": [tls, other]}}},
    }

    made = fitted({"Resources": policies}, {})["Resources"]

    assert list(made) == ["Both"]
    assert made["Both"]["Properties"]["PolicyDocument"]["Statement"] == [other]


def test_fitting_leaves_the_original_alone() -> None:
    template = read_template(PROJECT / "template.yaml")

    fitted(template, {})

    assert template == read_template(PROJECT / "template.yaml")


def test_the_real_template_needs_each_fitting() -> None:
    template = read_template(PROJECT / "template.yaml")
    made = fitted(template, {})

    assert "dynamodb:LeadingKeys" in str(template)
    assert "dynamodb:LeadingKeys" not in str(made)
    assert "aws:SecureTransport" in str(template)
    assert "aws:SecureTransport" not in str(made)
    event = made["Resources"]["DeliverEmployee"]["Properties"]["Events"]["Changed"]
    assert isinstance(event["Properties"]["ScalingConfig"]["MaximumConcurrency"], int)


def _template(properties: dict[str, Any]) -> Template:
    return {"Resources": {"It": {"Type": "AWS::Any::Thing", "Properties": properties}}}


def _strings(node: Any) -> list[str]:
    match node:
        case dict():
            return [text for key, value in node.items() for text in (str(key), *_strings(value))]
        case list():
            return [text for one in node for text in _strings(one)]
    return [str(node)]
