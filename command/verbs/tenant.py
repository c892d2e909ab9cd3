"""`peoplefeed tenant add`: a new customer and its first administrator."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from command import options
from command.connection import Place, find_place
from command.errors import CommandError
from peoplefeed.dynamo import keys


def add_to(verbs: options.Verbs) -> None:
    """Add the verb to the command."""
    nouns = verbs.add_parser("tenant", help="add a tenant").add_subparsers(metavar="ACTION", required=True)
    parser = nouns.add_parser(
        "add",
        help="add a tenant and its first administrator",
        description="Makes a tenant and invites its first administrator by e-mail. Safe to repeat.",
    )
    parser.add_argument("slug", metavar="SLUG", type=options.slug, help="the tenant's name in keys and URLs")
    parser.add_argument("--admin", metavar="EMAIL", type=_email, required=True, help="the first administrator")
    options.add_place(parser)
    parser.set_defaults(verb=run)


def run(given: argparse.Namespace) -> int:
    """Make the administrator, then the tenant: with the tenant there, its first feed can come."""
    place = find_place(given.stack)
    invited = _administrator(place, given.slug, given.admin)
    made = _tenant(place, given.slug, datetime.now(UTC))
    print(f"{'Made' if made else 'There already was'} the tenant '{given.slug}'.")
    print(f"{given.admin} {'is invited by e-mail as' if invited else 'already was'} its administrator.")
    return 0


def _administrator(place: Place, slug: str, email: str) -> bool:
    """Invite someone, unless they are there."""
    pool = place.client("cognito-idp")
    attributes = {"email": email, "email_verified": "true", "custom:tenant": slug}
    try:
        pool.admin_create_user(
            UserPoolId=place.user_pool,
            Username=email,
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
            DesiredDeliveryMediums=["EMAIL"],
        )
    except pool.exceptions.UsernameExistsException as error:
        owner = _tenant_of(pool, place, email)
        if owner != slug:
            raise CommandError(
                f"{email} belongs to the tenant '{owner}'; take another address for '{slug}'."
            ) from error
        return False
    return True


def _tenant_of(pool: Any, place: Place, email: str) -> str | None:  # noqa: ANN401 - a client of boto3
    user = pool.admin_get_user(UserPoolId=place.user_pool, Username=email)
    return {pair["Name"]: pair["Value"] for pair in user["UserAttributes"]}.get("custom:tenant")


def _tenant(place: Place, slug: str, now: datetime) -> bool:
    """Store the tenant with an empty line of feeds, unless it is there."""
    pk, sk = keys.tenant(slug)
    numbers = {name: {"N": str(value)} for name, value in {"next": 1, "applied": 0, "epoch": 0}.items()}
    created = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z"
    try:
        place.client("dynamodb").put_item(
            TableName=place.directory_table,
            Item={"pk": {"S": pk}, "sk": {"S": sk}, **numbers, "created_at": {"S": created}},
            ConditionExpression="attribute_not_exists(pk)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


def _email(text: str) -> str:
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - other verbs need not wait for it

    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not an e-mail address: {error}") from error
