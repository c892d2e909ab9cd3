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
        name = self._known(request)
        return {"Name": name, "SecretString": self.secrets[name], "VersionStages": ["AWSCURRENT"]}

    @operation("SecretId SecretString")
    def put_secret_value(self, request: Request) -> Answer:
        name = self._known(request)
        self.secrets[name] = request["SecretString"]
        return {"Name": name, "VersionStages": ["AWSCURRENT"]}

    @operation("Name SecretString")
    def create_secret(self, request: Request) -> Answer:
        if request["Name"] in self.secrets:
            raise Refused("ResourceExistsException", "The secret already exists.")
        self.secrets[request["Name"]] = request["SecretString"]
        return {"Name": request["Name"]}

    def _known(self, request: Request) -> str:
        if request["SecretId"] not in self.secrets:
            raise Refused("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        return str(request["SecretId"])
