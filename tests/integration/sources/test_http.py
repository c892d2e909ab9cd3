from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from peoplefeed.sources.connection import Safety, World
from peoplefeed.sources.credentials import Credentials
from peoplefeed.sources.exchange import Call
from peoplefeed.sources.http import Client
from peoplefeed.sources.trouble import SourceTrouble
from tests.integration.sources.hr import PEOPLE, Asked, HrSystem, Reply, reply, running, zipped

HOST = "hr.example.com"


class Time:
    """A clock that only sleeping, and each look at it, moves on."""

    def __init__(self, tick: float = 0.0) -> None:
        self.now, self.tick, self.slept = 0.0, tick, list[float]()

    def clock(self) -> float:
        self.now += self.tick
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def client(hr: HrSystem, time: Time, rate: int | None = None, **safety: Any) -> Client:
    world = World(clock=time.clock, sleep=time.sleep)
    return Client(hr.url, Credentials({"X-Key": "k"}), Safety(local=True, **safety), rate, world)


def get(hr: HrSystem, time: Time, **safety: Any) -> object:
    asking = client(hr, time, **safety)
    try:
        return json.loads(asking.send(Call(asking.address("people", {}))).body)
    finally:
        asking.close()


@pytest.mark.parametrize(
    "hiccup",
    [
        reply([], 429),
        reply([], 500),
        reply([], 502),
        reply([], 503),
        reply([], 504),
        Reply(b"", hang_up=True),
        Reply(b"[", promised=5),
    ],
)
def test_what_passes_by_itself_is_tried_again_with_growing_pauses(hr: HrSystem, hiccup: Reply) -> None:
    hr.answers(hiccup, hiccup, hiccup, reply(PEOPLE))
    time = Time()
    assert get(hr, time) == PEOPLE
    assert len(hr.asked) == 4
    assert time.slept == sorted(time.slept)
    assert len(time.slept) == 2  # the first time at once


def test_what_does_not_pass_is_not_tried_again(hr: HrSystem) -> None:
    hr.answers(reply([], 403))
    with pytest.raises(SourceTrouble, match="SOURCE_REFUSED: it answers with status 403"):
        get(hr, Time())
    assert len(hr.asked) == 1


def test_attempts_come_to_an_end(hr: HrSystem) -> None:
    hr.answers(reply([], 500))
    with pytest.raises(SourceTrouble, match="SOURCE_UNREACHABLE: it answers with status 500"):
        get(hr, Time())
    assert len(hr.asked) == 5


def test_the_pause_that_the_system_asks_for_is_kept_in_seconds_and_by_date(hr: HrSystem) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    hr.answers(reply([], 429, Retry_After="7"), reply([], 503, Retry_After=date), reply(PEOPLE))
    time = Time()
    assert get(hr, time) == PEOPLE
    assert time.slept[0] == 7
    assert 25 < time.slept[1] <= 30


@pytest.mark.parametrize("asked", ["soon", "-5", "9" * 5000, "Wed, 99 Foo 2026 00:00:00 GMT", ""])
def test_a_pause_that_makes_no_sense_is_ours_to_choose(hr: HrSystem, asked: str) -> None:
    hr.answers(reply([], 429, Retry_After=asked), reply(PEOPLE))
    time = Time()
    assert get(hr, time) == PEOPLE
    assert sum(time.slept) <= 60


def test_nobody_makes_us_wait_for_more_than_a_minute(hr: HrSystem) -> None:
    hr.answers(reply([], 429, Retry_After="86400"), reply(PEOPLE))
    time = Time()
    assert get(hr, time) == PEOPLE
    assert time.slept == [60]


def test_there_is_no_pause_beyond_the_polls_own_time(hr: HrSystem) -> None:
    hr.answers(reply([], 429, Retry_After="50"))
    time = Time()
    with pytest.raises(SourceTrouble, match="SOURCE_THROTTLED"):
        get(hr, time, seconds=40)
    assert time.slept == []


def test_a_system_that_does_not_answer_in_time_is_unreachable(hr: HrSystem) -> None:
    enough = Event()

    def answer(_asked: Asked) -> Reply:
        enough.wait(20)
        return reply([])

    hr.answer = answer
    asking = Client(hr.url, Credentials(), Safety(local=True, seconds=1))
    with pytest.raises(SourceTrouble, match="SOURCE_UNREACHABLE: it does not answer in time"):
        asking.send(Call(hr.url))
    enough.set()
    asking.close()


@contextmanager
def dripping(beginning: bytes) -> Iterator[int]:
    """A system that begins to answer, and then sends a byte now and then for ever; yields its port."""
    is_over = Event()

    def drip() -> None:
        with suppress(OSError), listening.accept()[0] as connection:
            connection.recv(1_000)
            connection.sendall(beginning)
            while not is_over.wait(0.05):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=drip)
        thread.start()
        yield listening.getsockname()[1]
        is_over.set()
        thread.join()


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b"", id="9.3-no-status"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Long: ", id="9.3-a-header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", id="9.3-a-body"),
    ],
)
def test_a_system_that_sends_a_byte_now_and_then_is_given_up_when_time_is_over(beginning: bytes) -> None:
    with dripping(beginning) as port:
        url = f"http://127.0.0.1:{port}"
        asking = Client(url, Credentials(), Safety(local=True, seconds=0.5))
        with closing(asking), pytest.raises(SourceTrouble) as caught:
            asking.send(Call(url))
    assert "the poll took longer than" in caught.value.reason


def test_9_3_a_system_that_drags_out_the_agreement_on_encryption_is_given_up_too() -> None:
    world = World(resolve=lambda _host, _port: ["127.0.0.1"])
    hello = b"\x16\x03\x03\x40\x00"  # a record of TLS of 16 KiB, which never comes to its end
    with dripping(hello) as port:
        url = f"https://{HOST}:{port}"
        asking = Client(url, Credentials(), Safety(local=True, seconds=0.5), None, world)
        with closing(asking), pytest.raises(SourceTrouble, match="SOURCE_UNREACHABLE"):
            asking.send(Call(url))


def test_a_system_that_is_not_there_is_unreachable(hr: HrSystem) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        hr.url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    time = Time()
    with pytest.raises(SourceTrouble, match="SOURCE_UNREACHABLE: it accepts no connection"):
        get(hr, time)
    assert len(time.slept) == 3


def test_a_rate_limit_that_leaves_no_time_is_incomplete(hr: HrSystem) -> None:
    asking = client(hr, Time(), rate=1, seconds=50)
    asking.send(Call(hr.url))
    with pytest.raises(SourceTrouble, match="SOURCE_INCOMPLETE: its rate limit"):
        asking.send(Call(hr.url))
    asking.close()


def test_a_poll_that_takes_too_long_is_incomplete(hr: HrSystem) -> None:
    with pytest.raises(SourceTrouble, match="SOURCE_INCOMPLETE: the poll took longer than 2 seconds"):
        get(hr, Time(tick=1.0), seconds=2)


def test_an_answer_that_is_too_large_is_cut_off_also_when_it_is_compressed(hr: HrSystem) -> None:
    for answer in (reply(["x" * 3_000_000]), zipped(["x" * 3_000_000])):
        hr.answers(answer)
        with pytest.raises(SourceTrouble, match="SOURCE_MALFORMED: one answer has more than 1 MiB"):
            get(hr, Time(), answer_bytes=1024 * 1024)


def test_a_poll_that_is_too_large_is_cut_off(hr: HrSystem) -> None:
    hr.answers(reply(["x" * 600_000]))
    asking = client(hr, Time(), poll_bytes=1024 * 1024)
    asking.send(Call(hr.url))
    with pytest.raises(SourceTrouble, match="SOURCE_MALFORMED: one poll has more than 1 MiB"):
        asking.send(Call(hr.url))
    asking.close()


def test_a_compressed_answer_is_read(hr: HrSystem) -> None:
    hr.answers(zipped(PEOPLE))
    assert get(hr, Time()) == PEOPLE
    assert hr.asked[0].headers["Accept-Encoding"] == "gzip"


def test_the_rate_limit_is_kept(hr: HrSystem) -> None:
    time = Time()
    asking = client(hr, time, rate=30)
    for _ in range(4):
        asking.send(Call(hr.url))
    asking.close()
    assert time.slept == [2, 2, 2]


def test_one_connection_serves_all_pages(hr: HrSystem) -> None:
    ports = set()
    asking = client(hr, Time())
    for _ in range(3):
        asking.send(Call(hr.url))
        ports.add(id(asking._pool.pool.queue[-1].sock) if asking._pool.pool else None)
    asking.close()
    assert len(ports) == 1


def test_a_redirect_within_the_system_is_followed_with_our_headers(hr: HrSystem) -> None:
    hr.answer = lambda asked: reply(PEOPLE) if asked.path == "/v2/people" else reply([], 301, Location="v2/people?a=1")
    assert get(hr, Time()) == PEOPLE
    assert (hr.asked[1].query, hr.asked[1].headers["X-Key"]) == ({"a": "1"}, "k")


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example.com/",
        "//evil.example.com/",
        "http://127.0.0.1:1/",
        "https://127.0.0.1/",
        "http://localhost/",
    ],
)
def test_a_redirect_to_another_host_takes_nothing_with_it(hr: HrSystem, location: str) -> None:
    hr.answers(reply([], 302, Location=location))
    with pytest.raises(SourceTrouble, match="SOURCE_REFUSED: it leads to another host"):
        get(hr, Time())
    assert len(hr.asked) == 1


def test_plain_http_is_for_the_local_stage_and_this_machine_only(hr: HrSystem) -> None:
    for address, safety in (
        ("http://hr.example.com", Safety(local=True)),
        ("http://hr.example.com", Safety()),
        (hr.url, Safety()),
    ):
        with pytest.raises(SourceTrouble, match="only https is allowed"):
            Client(address, Credentials(), safety)


def test_headers_are_not_shown() -> None:
    shown = Client("https://127.0.0.1", Credentials({"Authorization": "hunter2"}), Safety(local=True))
    assert "hunter2" not in repr(shown)
    shown.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for HOST, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "hr.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure_hr(certificate: Path) -> Iterator[HrSystem]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with running(context) as system:
        yield system


def secure_client(hr: HrSystem, host: str, certificate: Path | None, names: Iterator[str]) -> Client:
    """A client that resolves every name to the next of some addresses, and trusts a certificate."""
    trusted = ssl.create_default_context(cafile=certificate) if certificate else None
    world = World(sleep=Time().sleep, resolve=lambda _host, _port: [next(names)], certificates=trusted)
    return Client(f"https://{host}:{hr.port}", Credentials(), Safety(local=True), None, world)


def here_once() -> Iterator[str]:
    """Resolve to this machine once, then to where metadata are kept."""
    for number in count():
        yield "169.254.169.254" if number else "127.0.0.1"


def test_a_name_is_resolved_once_and_its_certificate_is_that_names(secure_hr: HrSystem, certificate: Path) -> None:
    secure_hr.answer = lambda asked: reply([asked.headers["Host"]], 503 if len(secure_hr.asked) % 2 else 200)
    asking = secure_client(secure_hr, HOST, certificate, here_once())
    for _ in range(2):  # each 503 closes the connection: the next one goes to the old address
        assert json.loads(asking.send(Call(asking.base_url)).body) == [f"{HOST}:{secure_hr.port}"]
    asking.close()


def test_a_certificate_of_another_name_is_not_accepted(secure_hr: HrSystem, certificate: Path) -> None:
    asking = secure_client(secure_hr, "other.example.com", certificate, here_once())
    with pytest.raises(SourceTrouble, match="SOURCE_UNREACHABLE: no secure connection"):
        asking.send(Call(asking.base_url))
    asking.close()


def test_a_certificate_that_nobody_signed_is_not_accepted(secure_hr: HrSystem) -> None:
    asking = secure_client(secure_hr, HOST, None, here_once())
    with pytest.raises(SourceTrouble, match="SOURCE_UNREACHABLE: no secure connection"):
        asking.send(Call(asking.base_url))
    assert secure_hr.asked == []
    asking.close()


def test_a_host_inside_our_network_is_not_even_connected_to() -> None:
    world = World(resolve=lambda _host, _port: ["10.0.0.1"])
    with pytest.raises(SourceTrouble, match="not on the public internet"):
        Client(f"https://{HOST}", Credentials(), Safety(local=True), None, world)
