"""Secrets Manager in memory."""

from __future__ import annotations

from threading import RLock

from tests.worlds.errors import Exceptions, Refused
from tests.worlds.operations import Answer, Request, operation


class MemorySecrets:
    """A client and its secrets: `secrets` by name."""

    exceptions = Exceptions()

    def __init__(self, **secrets: str) -> None:
        self.lock = RLock()
        self.secrets = dict(secrets)

    @operation("SecretId", "VersionStage")
    def get_secret_value(self, request: Request) -> Answer:
        name = request["SecretId"]
        if name not in self.secrets:
            message = "Secrets Manager can't find the specified secret."
            raise Refused("ResourceNotFoundException", message)
        return {"Name": name, "SecretString": self.secrets[name], "VersionStages": ["AWSCURRENT"]}
