"""Deployed stacks: what they consist of, signing in, new tenants. The stubs know AWS's own model."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from command import connection, sign_in
from command.connection import Place, find_place
from command.errors import CommandError, NotReachable, UsageError
from command.verbs import tenant
from tests.unit.command.fakes import Shell, id_token

OUTPUTS = {
    "ApiUrl": "https://api.example.com/v1",
    "FeedBucket": "feeds-1",
    "DirectoryTable": "Directory-1",
    "UserPoolId": "eu-west-1_abc",
    "UserPoolClientId": "client1",
}

type Stubs = Callable[[str], Stubber]


@pytest.fixture
def stubs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubs]:
    """AWS as far as each test says: `stubs(service)` takes the answers, in order."""
    made: dict[str, tuple[Any, Stubber]] = {}
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "eu-west-1"}

    def both(service: str) -> tuple[Any, Stubber]:
        if service not in made:
            client = boto3.client(service, **keys)  # type: ignore[call-overload]  # any service
            made[service] = (client, Stubber(client))
            made[service][1].activate()
        return made[service]

    monkeypatch.setattr(connection, "_client", lambda service: both(service)[0])
    yield lambda service: both(service)[1]
    for _, stub in made.values():
        stub.assert_no_pending_responses()


def _stack(outputs: dict[str, str]) -> dict[str, Any]:
    described = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
    about = {"StackName": "live", "CreationTime": "2026-11-22T00:00:00Z", "StackStatus": "CREATE_COMPLETE"}
    return {"Stacks": [about | {"Outputs": described}]}


@pytest.fixture
def place(stubs: Stubs) -> Place:
    stubs("cloudformation").add_response("describe_stacks", _stack(OUTPUTS), {"StackName": "live"})
    return find_place("live")


def test_the_outputs_of_a_stack_say_where_everything_is(place: Place) -> None:
    assert place.api_url == "https://api.example.com/v1"
    assert place.bucket == "feeds-1"
    assert place.directory_table == "Directory-1"
    assert place.user_pool == "eu-west-1_abc"
    assert place.user_pool_client == "client1"
    assert place.local is None


def test_an_unknown_stack_is_named(stubs: Stubs) -> None:
    stubs("cloudformation").add_client_error("describe_stacks", "ValidationError", "Stack live does not exist")

    with pytest.raises(NotReachable, match="There is no stack named live in this account and region"):
        find_place("live")


def test_some_other_stack_is_no_peoplefeed(stubs: Stubs) -> None:
    stubs("cloudformation").add_response("describe_stacks", _stack({"Other": "x"}))

    with pytest.raises(NotReachable, match="The stack live is no peoplefeed: it has no output ApiUrl"):
        find_place("live")


def test_what_aws_refuses_is_a_sentence(stubs: Stubs, shell: Shell) -> None:
    stubs("cloudformation").add_client_error("describe_stacks", "AccessDenied", "You may not.")

    code, out, err = shell("employees", "--stack", "live")

    assert (code, out) == (1, "")
    assert err.startswith("peoplefeed: AWS did not do it: ")
    assert "You may not." in err


def test_without_credentials_the_user_reads_a_sentence(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    code, _, err = shell("employees", "--stack", "live")

    assert code == 1
    assert "specify a region" in err


# Signing in


@pytest.fixture
def signed_out(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (sign_in.TOKEN, sign_in.EMAIL, sign_in.PASSWORD):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_a_token_in_the_environment_is_enough(place: Place, signed_out: pytest.MonkeyPatch) -> None:
    signed_out.setenv(sign_in.TOKEN, "a.b.c")

    assert sign_in.token(place) == "a.b.c"


def test_an_address_and_its_password_become_a_token(place: Place, stubs: Stubs, signed_out: pytest.MonkeyPatch) -> None:
    signed_out.setenv(sign_in.EMAIL, "ann@example.com")
    signed_out.setenv(sign_in.PASSWORD, "secret")
    stubs("cognito-idp").add_response(
        "initiate_auth",
        {"AuthenticationResult": {"IdToken": "a.b.c"}},
        {
            "ClientId": "client1",
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "ann@example.com", "PASSWORD": "secret"},
        },
    )

    assert sign_in.token(place) == "a.b.c"


def test_whoever_signs_in_with_an_invitation_chooses_a_password(
    place: Place, stubs: Stubs, signed_out: pytest.MonkeyPatch
) -> None:
    signed_out.setenv(sign_in.EMAIL, "ann@example.com")
    signed_out.setenv(sign_in.PASSWORD, "invited")
    signed_out.setattr(sign_in, "_new_password", lambda: "chosen")
    challenge = {"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "s" * 20}
    stubs("cognito-idp").add_response("initiate_auth", challenge | {"ChallengeParameters": {"USER_ID_FOR_SRP": "u-1"}})
    stubs("cognito-idp").add_response(
        "respond_to_auth_challenge",
        {"AuthenticationResult": {"IdToken": "a.b.c"}},
        challenge | {"ClientId": "client1", "ChallengeResponses": {"USERNAME": "u-1", "NEW_PASSWORD": "chosen"}},
    )

    assert sign_in.token(place) == "a.b.c"


def test_a_wrong_password_is_said_to_be_one(place: Place, stubs: Stubs, signed_out: pytest.MonkeyPatch) -> None:
    signed_out.setenv(sign_in.EMAIL, "ann@example.com")
    signed_out.setenv(sign_in.PASSWORD, "wrong")
    stubs("cognito-idp").add_client_error("initiate_auth", "NotAuthorizedException", "Incorrect username or password.")

    with pytest.raises(CommandError, match=r"does not let ann@example\.com in: Incorrect username or password"):
        sign_in.token(place)


def test_a_second_factor_is_for_another_program(place: Place, stubs: Stubs, signed_out: pytest.MonkeyPatch) -> None:
    signed_out.setenv(sign_in.EMAIL, "ann@example.com")
    signed_out.setenv(sign_in.PASSWORD, "secret")
    stubs("cognito-idp").add_response(
        "initiate_auth", {"ChallengeName": "SOFTWARE_TOKEN_MFA", "ChallengeParameters": {}}
    )

    with pytest.raises(CommandError, match=r"asks ann@example\.com for SOFTWARE_TOKEN_MFA.*PEOPLEFEED_TOKEN"):
        sign_in.token(place)


def test_a_program_without_a_terminal_is_told_which_variables_to_set(
    place: Place, signed_out: pytest.MonkeyPatch
) -> None:
    signed_out.setattr("sys.stdin.isatty", lambda: False, raising=False)

    with pytest.raises(UsageError, match="set PEOPLEFEED_TOKEN to an ID token, or PEOPLEFEED_EMAIL and"):
        sign_in.token(place)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "a.e30.c", "a.W10.c", "a.bnVsbA.c"])
def test_what_is_no_id_token_of_a_tenant_is_refused(token: str) -> None:
    with pytest.raises(UsageError, match="is no ID token"):
        sign_in.claims(token)


def test_a_token_says_whose_it_is() -> None:
    assert sign_in.claims(id_token("hotel-1", "zoë@example.com")) == sign_in.Claims("hotel-1", "zoë@example.com")


# tenant add


def _user(tenant_name: str) -> dict[str, Any]:
    return {"Username": "u-1", "UserAttributes": [{"Name": "custom:tenant", "Value": tenant_name}]}


def test_a_new_tenant_has_an_empty_line_of_feeds_and_an_administrator(
    place: Place, stubs: Stubs, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant, "find_place", lambda _name: place)
    stubs("cognito-idp").add_response(
        "admin_create_user",
        {},
        {
            "UserPoolId": "eu-west-1_abc",
            "Username": "ann@example.com",
            "DesiredDeliveryMediums": ["EMAIL"],
            "UserAttributes": [
                {"Name": "email", "Value": "ann@example.com"},
                {"Name": "email_verified", "Value": "true"},
                {"Name": "custom:tenant", "Value": "hotel-1"},
            ],
        },
    )
    stubs("dynamodb").add_response(
        "put_item",
        {},
        {
            "TableName": "Directory-1",
            "ConditionExpression": "attribute_not_exists(pk)",
            "Item": {
                "pk": {"S": "T#hotel-1"},
                "sk": {"S": "META"},
                "next": {"N": "1"},
                "applied": {"N": "0"},
                "epoch": {"N": "0"},
                "created_at": ANY,
            },
        },
    )

    code, out, _ = shell("tenant", "add", "hotel-1", "--admin", "ann@example.com", "--stack", "live")

    assert code == 0
    assert out == "Made the tenant 'hotel-1'.\nann@example.com is invited by e-mail as its administrator.\n"


def test_adding_a_tenant_again_changes_nothing(
    place: Place, stubs: Stubs, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant, "find_place", lambda _name: place)
    stubs("cognito-idp").add_client_error("admin_create_user", "UsernameExistsException")
    stubs("cognito-idp").add_response("admin_get_user", _user("hotel-1"))
    stubs("dynamodb").add_client_error("put_item", "ConditionalCheckFailedException")

    code, out, _ = shell("tenant", "add", "hotel-1", "--admin", "ann@example.com", "--stack", "live")

    assert code == 0
    assert out == "There already was the tenant 'hotel-1'.\nann@example.com already was its administrator.\n"


def test_nobody_becomes_administrator_of_two_tenants(
    place: Place, stubs: Stubs, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant, "find_place", lambda _name: place)
    stubs("cognito-idp").add_client_error("admin_create_user", "UsernameExistsException")
    stubs("cognito-idp").add_response("admin_get_user", _user("hotel-2"))

    code, _, err = shell("tenant", "add", "hotel-1", "--admin", "ann@example.com", "--stack", "live")

    assert code == 1
    assert "ann@example.com belongs to the tenant 'hotel-2'" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["add"],
        ["add", "Hotel", "--admin", "ann@example.com"],
        ["add", "hotel", "--admin", "ann"],
        ["add", "hotel"],
        ["remove", "hotel"],
        [],
    ],
)
def test_wrong_usage_of_tenant_is_exit_code_2(shell: Shell, arguments: list[str]) -> None:
    assert shell("tenant", *arguments)[0] == 2
