"""What can go wrong with the local stack, each with a sentence that says what to do.

LocalStackError
├── PortTaken      something else listens there
├── NoStack        nothing to talk to
├── AlreadyUp      this folder has a stack that runs
├── NotInstalled   uv could not install what the stack needs
└── NotDeployed    MiniStack refused the template
"""


class LocalStackError(Exception):
    """The local stack cannot do what it was asked for; the text is the sentence to show."""


class PortTaken(LocalStackError):
    """Something else listens on the port."""

    def __init__(self, port: int) -> None:
        """Name the port and the way out."""
        super().__init__(
            f"Port {port} is taken. End the program that listens there, or choose another port: "
            f"peoplefeed up --port {port + 1 if port < 65535 else 4566}"  # noqa: PLR2004 - the last port there is
        )


class NoStack(LocalStackError):
    """No local stack runs here."""


class AlreadyUp(LocalStackError):
    """This folder's stack runs already."""


class NotInstalled(LocalStackError):
    """Something that the stack needs could not be installed."""


class NotDeployed(LocalStackError):
    """The template did not become a stack."""
