from __future__ import annotations

import pytest

from peoplefeed.sources.addresses import safe_address
from peoplefeed.sources.trouble import SourceTrouble

PUBLIC = "93.184.215.14"


def pinned(*addresses: str, local: bool = False) -> str:
    """The address chosen for a host that has these."""
    return safe_address("hr.example.com", 443, local=local, resolve=lambda _host, _port: list(addresses))


def test_a_public_address_is_pinned() -> None:
    assert pinned(PUBLIC) == PUBLIC


def test_an_ipv4_address_is_preferred() -> None:
    assert pinned("2606:2800:21f:cb07:6820:80da:af6b:8b2c", PUBLIC) == PUBLIC


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - refused here
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2001:0:a9fe:a9fe::1",
        "ff02::1",
    ],
)
def test_an_address_inside_is_refused_even_beside_a_public_one(address: str) -> None:
    for addresses in ([address], [PUBLIC, address], [address, PUBLIC]):
        with pytest.raises(SourceTrouble, match="not on the public internet"):
            pinned(*addresses)


def test_on_the_local_stage_only_the_machine_itself_is_allowed_beside_the_internet() -> None:
    assert pinned("127.0.0.1", local=True) == "127.0.0.1"
    for address in ("127.0.0.2", "10.0.0.1", "169.254.169.254", "::1"):
        with pytest.raises(SourceTrouble, match="SOURCE_UNREACHABLE"):
            pinned(address, local=True)


def test_a_name_that_nobody_knows_is_a_trouble() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError

    with pytest.raises(SourceTrouble, match="cannot be resolved"):
        safe_address("nobody.example.com", 443, local=False, resolve=unknown)
    with pytest.raises(SourceTrouble, match="public internet"):
        pinned()
