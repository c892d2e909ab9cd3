from __future__ import annotations

import json
from typing import Any

import pytest

from peoplefeed.api import (
    employees,
    health,
    holds,
    log,
    platform,
    problems,
    references,
    run_rows,
    runs,
    settings,
    sources,
)
from tests.unit.template.translation import Stack, target

ROUTES = {
    ("get", "/runs"): "QueryLogs",
    ("get", "/runs/{number}"): "QueryLogs",
    ("get", "/runs/{number}/rows"): "QueryLogs",
    ("get", "/log"): "QueryLogs",
    ("get", "/problems"): "QueryLogs",
    ("get", "/employees/{external_id}/story"): "QueryLogs",
    ("get", "/health"): "QueryLogs",
    ("get", "/employees"): "ManageDirectory",
    ("get", "/employees/{external_id}"): "ManageDirectory",
    ("put", "/employees/{external_id}"): "ManageDirectory",
    ("delete", "/employees/{external_id}"): "ManageDirectory",
    ("delete", "/employees/{external_id}/source"): "ManageDirectory",
    ("get", "/job-titles"): "ManageDirectory",
    ("post", "/job-titles"): "ManageDirectory",
    ("get", "/departments"): "ManageDirectory",
    ("post", "/departments"): "ManageDirectory",
    ("get", "/business-units"): "ManageDirectory",
    ("post", "/business-units"): "ManageDirectory",
    ("patch", "/job-titles/{name}"): "ManageDirectory",
    ("delete", "/job-titles/{name}"): "ManageDirectory",
    ("delete", "/job-titles/{name}/aliases/{alias}"): "ManageDirectory",
    ("patch", "/departments/{name}"): "ManageDirectory",
    ("delete", "/departments/{name}"): "ManageDirectory",
    ("delete", "/departments/{name}/aliases/{alias}"): "ManageDirectory",
    ("patch", "/business-units/{feed_id}"): "ManageDirectory",
    ("delete", "/business-units/{feed_id}"): "ManageDirectory",
    ("get", "/holds"): "ManageDirectory",
    ("get", "/holds/{hold_id}"): "ManageDirectory",
    ("post", "/holds/{hold_id}/release"): "ManageDirectory",
    ("post", "/holds/{hold_id}/discard"): "ManageDirectory",
    ("get", "/settings"): "ManageDirectory",
    ("patch", "/settings"): "ManageDirectory",
    ("get", "/sources"): "ManageDirectory",
    ("post", "/sources/check"): "ManageDirectory",
    ("get", "/sources/{name}"): "ManageDirectory",
    ("put", "/sources/{name}"): "ManageDirectory",
    ("delete", "/sources/{name}"): "ManageDirectory",
    ("post", "/sources/{name}/pause"): "ManageDirectory",
    ("post", "/sources/{name}/resume"): "ManageDirectory",
    ("get", "/platform"): "ManageDirectory",
    ("put", "/platform"): "ManageDirectory",
    ("delete", "/platform"): "ManageDirectory",
    ("post", "/platform/compare"): "ManageDirectory",
    ("post", "/employees/{external_id}/deliver"): "ManageDirectory",
}


@pytest.fixture
def operations(deployed: Stack) -> dict[tuple[str, str], dict[str, Any]]:
    paths = deployed["Api"]["Body"]["paths"]
    return {(method, path): operation for path, methods in paths.items() for method, operation in methods.items()}


@pytest.fixture
def stage(deployed: Stack) -> dict[str, Any]:
    [properties] = deployed.resources("AWS::ApiGateway::Stage").values()
    return properties


def test_the_routes_lead_to_their_functions(operations: dict[tuple[str, str], dict[str, Any]]) -> None:
    found = {
        route: next(name for name in ("QueryLogs", "ManageDirectory") if f"${{{name}.Arn}}" in str(operation))
        for route, operation in operations.items()
    }
    assert found == ROUTES


def test_the_routes_are_those_that_the_code_answers() -> None:
    answered = {
        (method.lower(), rule.replace("<", "{").replace(">", "}")): function
        for function, modules in (
            ("QueryLogs", (health, log, problems, runs, run_rows)),
            ("ManageDirectory", (employees, holds, platform, references, settings, sources)),
        )
        for module in modules
        for rule, methods, *_ in module.router._routes
        for method in methods
    }
    assert answered == ROUTES


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_route_asks_who_is_there(operations: dict[tuple[str, str], dict[str, Any]], route: tuple[str, str]) -> None:
    assert operations[route]["security"] == [{"Administrators": []}]


def test_who_is_there_is_said_by_our_user_pool(deployed: Stack) -> None:
    [(name, scheme)] = deployed["Api"]["Body"]["components"]["securitySchemes"].items()
    authorizer = scheme["x-amazon-apigateway-authorizer"]
    assert (name, scheme["name"], scheme["in"]) == ("Administrators", "Authorization", "header")
    assert authorizer["type"] == "cognito_user_pools"
    assert [target(pool) for pool in authorizer["providerARNs"]] == ["UserPool"]


def test_nobody_signs_up_by_themselves(deployed: Stack) -> None:
    assert deployed["UserPool"]["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True


def test_the_tenant_of_a_user_never_changes(deployed: Stack) -> None:
    [attribute] = deployed["UserPool"]["Schema"]
    assert (attribute["Name"], attribute["AttributeDataType"]) == ("tenant", "String")
    assert attribute["Mutable"] is False


def test_a_user_reads_their_tenant_and_cannot_write_it(deployed: Stack) -> None:
    client = deployed["UserPoolClient"]
    assert "custom:tenant" in client["ReadAttributes"]
    assert client["WriteAttributes"] == ["name"]  # an empty list would mean all


def test_the_command_signs_in_without_a_secret_of_its_own(deployed: Stack) -> None:
    client = deployed["UserPoolClient"]
    assert client["GenerateSecret"] is False
    assert {"ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"} < set(client["ExplicitAuthFlows"])
    assert client["PreventUserExistenceErrors"] == "ENABLED"


def test_a_token_lasts_an_hour_and_on_the_local_stage_a_day(deployed: Stack, local: Stack) -> None:
    assert set(deployed["UserPoolClient"]["TokenValidityUnits"].values()) == {"hours"}
    assert (deployed["UserPoolClient"]["IdTokenValidity"], local["UserPoolClient"]["IdTokenValidity"]) == (1, 24)
    assert deployed["UserPoolClient"]["AccessTokenValidity"] == 1


def test_passwords_are_long(deployed: Stack) -> None:
    assert deployed["UserPool"]["Policies"]["PasswordPolicy"]["MinimumLength"] >= 12


def test_requests_are_throttled(stage: dict[str, Any]) -> None:
    [everything] = stage["MethodSettings"]
    assert (everything["ResourcePath"], everything["HttpMethod"]) == ("/*", "*")
    assert everything["ThrottlingRateLimit"] > 0
    assert everything["ThrottlingBurstLimit"] >= everything["ThrottlingRateLimit"]


def test_7_5_the_access_log_names_the_route_and_nobody(stage: dict[str, Any]) -> None:
    entry = json.loads(stage["AccessLogSetting"]["Format"])
    assert target(stage["AccessLogSetting"]["DestinationArn"]) == "ApiLogs"
    assert {"requestId", "route", "status"} < entry.keys()
    assert not {"$context.path", "$context.identity.sourceIp", "$context.authorizer.claims.email"} & set(entry.values())
    assert [one["DataTraceEnabled"] for one in stage["MethodSettings"]] == [False]


def test_access_logs_have_their_role_before_they_are_written(
    template: dict[str, Any], deployed: Stack, stage: dict[str, Any]
) -> None:
    assert {"Key": "access-logs", "Value": {"Ref": "ApiLoggingSettings"}} in stage["Tags"]
    assert target(deployed["ApiLoggingSettings"]["CloudWatchRoleArn"]) == "ApiLoggingRole"
    left_alone = Stack.of(template, Stage="prod", ApiLogging="present")
    assert not left_alone.resources("AWS::ApiGateway::Account")
    assert "ApiLoggingRole" not in left_alone.resources("AWS::IAM::Role")


def test_what_the_gateway_refuses_has_the_shape_of_what_we_refuse(deployed: Stack) -> None:
    responses = deployed["Api"]["Body"]["x-amazon-apigateway-gateway-responses"]
    for name, response in responses.items():
        text = response["responseTemplates"]["application/json"]
        body = json.loads(text.replace("$context.error.messageString", '"quoted by the gateway"'))
        assert body.keys() == {"code", "message"}, name
    assert {"UNAUTHORIZED", "THROTTLED", "DEFAULT_4XX", "DEFAULT_5XX"} < responses.keys()
