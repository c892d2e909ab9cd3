"""`AttentionNeeded`: what a customer must look at, as an event of the deployment's bus, one per problem."""

import json

from peoplefeed.deployment import Deployment


def ask_for_attention(deployment: Deployment, tenant: str, code: str, message: str, **facts: object) -> None:
    """Send the event. `message` is a sentence for people and holds no personal data."""
    deployment.events.put_events(
        Entries=[
            {
                "Source": "peoplefeed",
                "DetailType": "AttentionNeeded",
                "Detail": json.dumps({"tenant": tenant, "code": code, "message": message, **facts}),
            }
        ]
    )
