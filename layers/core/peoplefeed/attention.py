"""`AttentionNeeded`: what a customer must look at, as an event of the deployment's bus, one per problem."""

import json

from peoplefeed.deployment import Deployment


class NotTaken(Exception):
    """EventBridge did not take an event. The message is its error code."""


def ask_for_attention(deployment: Deployment, tenant: str, code: str, message: str, **facts: object) -> None:
    """Send the event. `message` is a sentence for people and holds no personal data.

    Raises:
        NotTaken: the bus did not take it.
    """
    answer = deployment.events.put_events(
        Entries=[
            {
                "Source": "peoplefeed",
                "DetailType": "AttentionNeeded",
                "Detail": json.dumps({"tenant": tenant, "code": code, "message": message, **facts}),
            }
        ]
    )
    if answer["FailedEntryCount"]:
        raise NotTaken(str(answer["Entries"][0].get("ErrorCode")))
