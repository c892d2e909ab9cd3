"""Ending a connection from outside, when time is up.

A timeout of a socket counts anew with every byte: who sends one now and then, in a header for instance, is never silent
for long enough.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR, socket
from ssl import SSLContext
from threading import Timer

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class _Plain(HTTPConnection):
    """A connection whose sockets are known, by a second handle: encryption takes the first one away."""

    handles: list[socket]

    def _new_conn(self) -> socket:
        made = super()._new_conn()
        self.handles.append(made.dup())
        return made

    def close(self) -> None:
        super().close()
        _forget(self.handles)


class _Encrypted(_Plain, HTTPSConnection):
    """The same with TLS."""


class PlainPool(HTTPConnectionPool):
    """Connections that can be ended."""

    def __init__(self, host: str, port: int) -> None:
        """Connect to an address."""
        self.handles: list[socket] = []
        super().__init__(host, port)
        self.ConnectionCls = type("Plain", (_Plain,), {"handles": self.handles})

    def close(self) -> None:
        """Close everything, also what never became a connection."""
        super().close()
        _forget(self.handles)


class EncryptedPool(HTTPSConnectionPool):
    """Connections that can be ended, with TLS."""

    def __init__(self, address: str, port: int, host: str, certificates: SSLContext | None) -> None:
        """Connect to an address, and see that it has the host's certificate."""
        self.handles: list[socket] = []
        super().__init__(
            address,
            port,
            cert_reqs="CERT_REQUIRED",
            server_hostname=host,
            assert_hostname=host,
            ssl_context=certificates,
        )
        self.ConnectionCls = type("Encrypted", (_Encrypted,), {"handles": self.handles})

    def close(self) -> None:
        """Close everything, also what never became a connection."""
        super().close()
        _forget(self.handles)


type Pool = PlainPool | EncryptedPool


@contextmanager
def ending_after(pool: Pool, seconds: float) -> Iterator[None]:
    """End the pool's connections if what is done here takes longer: whoever reads from them gets an error."""
    timer = Timer(seconds, _end, [pool])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _forget(handles: list[socket]) -> None:
    while handles:
        handles.pop().close()


def _end(pool: Pool) -> None:
    for handle in list(pool.handles):
        with suppress(OSError):  # it is closed already
            handle.shutdown(SHUT_RDWR)
