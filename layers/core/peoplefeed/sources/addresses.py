"""Which network addresses an HR system may have: public ones, so that nobody's manifest reaches into our network."""

import ipaddress
import socket
from collections.abc import Callable

from peoplefeed.sources.trouble import unreachable

type Resolve = Callable[[str, int], list[str]]

LOCAL_HOST = "127.0.0.1"

# An IPv4 address in these is reached through a gateway; what lies behind is not for us to say.
_GATEWAYS = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))


def resolve(host: str, port: int) -> list[str]:
    """Return all addresses that a host name stands for."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def safe_address(host: str, port: int, *, local: bool, resolve: Resolve = resolve) -> str:
    """Resolve a host once and return the address to connect to, which must not change any more.

    Raises:
        SourceTrouble: there is none, or one of them is not on the public internet.
    """
    try:
        found = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise unreachable(f"the name '{host}' cannot be resolved.") from error
    if not found or not all(_is_safe(address, local=local) for address in found):
        raise unreachable(f"'{host}' is not on the public internet.")
    return min(found, key=lambda address: ":" in address)  # IPv4 first: functions have no IPv6


def may_be_public(host: str) -> bool:
    """Whether a host may be on the public internet, as far as its name says."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host.casefold().rstrip(".") != "localhost" and "." in host
    return _is_safe(host.strip("[]"), local=False)


def _is_safe(text: str, *, local: bool) -> bool:
    if local and text == LOCAL_HOST:
        return True
    try:
        address = ipaddress.ip_address(text)
    except ValueError:  # with a zone (`fe80::1%eth0`), so it is link-local
        return False
    behind_gateway = any(address in network for network in _GATEWAYS if network.version == address.version)
    return address.is_global and not address.is_multicast and not behind_gateway
