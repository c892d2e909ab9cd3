"""Connections that trust an HR system with nothing: https, an allowed host, one resolution, no private address."""

import logging
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from urllib3.util import Url

from peoplefeed.sources import addresses
from peoplefeed.sources.interruption import EncryptedPool, PlainPool, Pool
from peoplefeed.sources.trouble import refused, unreachable

MIB: Final = 1024 * 1024

_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Safety:
    """What a poll may do and take: the caps of a deployment.

    `answer_bytes` is what one answer may take in memory, `file_bytes` what it may take in a file. `local` lets HR
    systems be at 127.0.0.1. `hosts` are those that may be asked at all, `*.example.com` among them; none means that
    any may which is on the public internet.
    """

    local: bool = False
    seconds: float = 570
    answer_bytes: int = 64 * MIB
    poll_bytes: int = 2048 * MIB
    hosts: tuple[str, ...] = ()
    file_bytes: int = 400 * MIB  # a function has 512 MiB of disk


@dataclass(frozen=True, slots=True)
class World:
    """What tests replace: time, sleep, name resolution, trusted certificates."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    resolve: addresses.Resolve = addresses.resolve
    certificates: ssl.SSLContext | None = None


def is_allowed(host: str, hosts: tuple[str, ...]) -> bool:
    """Whether a deployment may ask a host."""
    return not hosts or any(fnmatchcase(host.casefold(), allowed.casefold()) for allowed in hosts)


def origin(url: Url) -> tuple[str | None, str | None, int | None]:
    """Return what must stay the same from link to link."""
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme or "")


def pinned(base: Url, safety: Safety, world: World) -> Pool:
    """Return a pool that connects to one address, whatever the name stands for later.

    Raises:
        SourceTrouble: the host must not be asked, or has no address.
    """
    scheme, host = base.scheme or "", (base.host or "").strip("[]")
    is_here = safety.local and host == addresses.LOCAL_HOST
    if scheme != "https" and not is_here:
        raise unreachable("only https is allowed.")
    if not is_here and not is_allowed(host, safety.hosts):
        raise refused(f"the host '{host}' is not among those that this deployment may ask (parameter SourceHosts).")
    port = base.port or _PORTS[scheme]
    address = addresses.safe_address(host, port, local=safety.local, resolve=world.resolve)
    if scheme == "http":
        return PlainPool(address, port)
    return EncryptedPool(address, port, host, world.certificates)


def _without_queries(record: logging.LogRecord) -> bool:
    """Keep queries out of the library's own log lines: a key may stand in them."""
    if isinstance(record.args, tuple):
        record.args = tuple(arg.partition("?")[0] if isinstance(arg, str) else arg for arg in record.args)
    return True


logging.getLogger("urllib3.connectionpool").addFilter(_without_queries)
