"""Check which requests are admitted, by their Host and Origin."""

from __future__ import annotations

import socket
from http import HTTPStatus

import pytest

from lab.contract import ServeOptions
from transports._shared.origin import Admission, of_referer

LIST = ("https://a.example", "http://localhost:3000")
NAMES = ("a.example", "elsewhere", "::1")

LET_IN = None
BAD, FOREIGN, MISDIRECTED = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.MISDIRECTED_REQUEST,
)


def status(options: ServeOptions, **fields: str | None) -> HTTPStatus | None:
    """The status for a request with these fields; an underscore stands for a hyphen."""
    said = {name.replace("_", "-"): value for name, value in fields.items() if value is not None}
    refusal = Admission(options).refusal(said)
    return None if refusal is None else refusal.status


@pytest.mark.parametrize(
    ("origin", "host", "origins", "expected"),
    [
        # No Origin: no browser.
        (None, "a.example", None, LET_IN),
        (None, None, None, LET_IN),
        (None, "a.example", LIST, LET_IN),
        (None, "a.example", (), LET_IN),
        # Without a list: the page's host is the one that it connects to, port and all.
        ("http://a.example", "a.example", None, LET_IN),
        ("http://a.example:8000", "a.example:8000", None, LET_IN),
        ("http://[::1]:8000", "[::1]:8000", None, LET_IN),
        ("http://[::1]:8000", "[0:0::0:1]:8000", None, LET_IN),
        ("http://a.example", "A.Example", None, LET_IN),
        ("http://a.example.", "a.example.", None, LET_IN),
        # A proxy ends TLS; the port of the scheme need not be said.
        ("https://a.example", "a.example", None, LET_IN),
        ("https://a.example", "a.example:443", None, LET_IN),
        ("https://a.example:8443", "a.example:8443", None, LET_IN),
        ("http://a.example", "a.example:80", None, LET_IN),
        ("https://a.example", "a.example:80", None, FOREIGN),
        ("ftp://a.example", "a.example", None, FOREIGN),
        ("http://a.example:8000", "a.example", None, FOREIGN),
        ("http://a.example", "a.example:8000", None, FOREIGN),
        ("http://a.example:8001", "a.example:8000", None, FOREIGN),
        ("http://b.example", "a.example", None, FOREIGN),
        ("http://a.example.evil", "a.example", None, FOREIGN),
        ("http://evil-a.example", "a.example", None, FOREIGN),
        ("http://evil.example@a.example", "a.example", None, FOREIGN),
        ("http://a.example@evil.example", "a.example", None, FOREIGN),
        ("http://evil.example/a.example", "a.example", None, FOREIGN),
        ("http://evil.example#a.example", "a.example", None, FOREIGN),
        ("http://a.example/", "a.example", None, FOREIGN),
        ("a.example", "a.example", None, FOREIGN),
        ("null", "a.example", None, FOREIGN),
        ("", "a.example", None, FOREIGN),
        ("http://[", "a.example", None, FOREIGN),
        ("http://[::1", "a.example", None, FOREIGN),
        ("http://a]", "a.example", None, FOREIGN),
        ("http://[x]:1", "a.example", None, FOREIGN),
        # Two that are empty are not the same host.
        ("", None, None, FOREIGN),
        ("http://a.example", None, None, FOREIGN),
        # With a list: what is on it, letter by letter, and nothing else.
        ("https://a.example", "elsewhere", LIST, LET_IN),
        ("https://a.example", "proxy.internal:8000", LIST, LET_IN),
        ("http://localhost:3000", "elsewhere", LIST, LET_IN),
        ("http://a.example", "elsewhere", LIST, FOREIGN),
        ("https://a.example/", "elsewhere", LIST, FOREIGN),
        ("https://a.example:443", "elsewhere", LIST, FOREIGN),
        ("https://b.a.example", "elsewhere", LIST, FOREIGN),
        ("http://elsewhere", "elsewhere", LIST, FOREIGN),
        ("http://a.example", "a.example", (), FOREIGN),
        ("null", "a.example", LIST, FOREIGN),
        ("", "a.example", LIST, FOREIGN),
    ],
)
def test_an_origin_must_match_the_host_or_the_list(
    origin: str | None,
    host: str | None,
    origins: tuple[str, ...] | None,
    expected: HTTPStatus | None,
) -> None:
    options = ServeOptions(origins=origins, hosts=NAMES)
    assert status(options, origin=origin, host=host) is expected


BROKEN_HOSTS = (
    "",
    ":8000",
    "a.example:80000",
    "a.example:80:80",
    "a.example:x",
    "user@a.example",
    "user:secret@a.example",
    "a.example/",
    "a.example, a.example",
    "a example",
    "a.example\t",
    "http://a.example",
    "[::1",
    "::1",
    "[::1]x",
    "[127.0.0.1]",
    "[a.example]",
    "[fe80::1%25eth0]",
    "%zz",
    "b\xfccher.example",
)


@pytest.mark.parametrize("host", BROKEN_HOSTS)
@pytest.mark.parametrize("origins", [None, LIST], ids=["no list", "a list"])
def test_an_invalid_host_is_malformed(host: str, origins: tuple[str, ...] | None) -> None:
    options = ServeOptions(origins=origins, hosts=NAMES)
    assert status(options, host=host) is BAD
    assert status(options, host=host, origin="https://a.example") is BAD


@pytest.mark.parametrize(
    ("listening", "host", "expected"),
    [
        ("127.0.0.1", "127.0.0.1:8000", LET_IN),
        ("127.0.0.1", "localhost", LET_IN),
        ("127.0.0.1", "LOCALHOST.:8000", LET_IN),
        ("127.0.0.1", "[::1]:8000", LET_IN),
        ("127.0.0.1", "[0:0:0:0:0:0:0:1]", LET_IN),
        ("127.0.0.1", "localhost:", LET_IN),
        ("127.0.0.3", "127.0.0.3", LET_IN),
        ("192.0.2.7", "192.0.2.7:8000", LET_IN),
        ("2001:db8::7", "[2001:DB8:0::7]:8000", LET_IN),
        ("192.0.2.7", socket.gethostname(), LET_IN),
        ("127.0.0.1", "evil.example", MISDIRECTED),
        ("127.0.0.1", "evil.example:8000", MISDIRECTED),
        ("127.0.0.1", "localhost.evil.example", MISDIRECTED),
        ("127.0.0.1", "127.0.0.1.evil.example", MISDIRECTED),
        ("127.0.0.1", "127.0.0.2", MISDIRECTED),
        ("127.0.0.1", "192.0.2.7", MISDIRECTED),
        ("127.0.0.1", "2130706433", MISDIRECTED),
        ("127.0.0.1", "..", MISDIRECTED),
        ("192.0.2.7", "192.0.2.8", MISDIRECTED),
    ],
)
def test_a_host_is_one_of_the_server_s_names(
    listening: str, host: str, expected: HTTPStatus | None
) -> None:
    options = ServeOptions(host=listening)
    assert status(options, host=host) is expected
    # A page that its own name has brought here is of the same host, and no more let in for that.
    assert status(options, host=host, origin=f"http://{host.lower()}") is expected


def test_a_server_at_every_address_accepts_each_as_host() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_port:
        any_port.bind(("127.0.0.1", 0))
        own = any_port.getsockname()[0]
    assert status(ServeOptions(host="0.0.0.0"), host=own) is LET_IN
    assert status(ServeOptions(host="0.0.0.0"), host="0.0.0.0:1") is LET_IN
    assert status(ServeOptions(host="0.0.0.0"), host="evil.example") is MISDIRECTED


def test_the_host_of_a_listed_page_is_accepted() -> None:
    options = ServeOptions(origins=("https://chat.example", "null"))
    assert status(options, host="chat.example") is LET_IN
    assert status(options, host="evil.example") is MISDIRECTED


@pytest.mark.parametrize("name", ["", "a b", "a/b", "https://a.example"])
def test_a_name_that_is_no_host_can_t_be_allowed(name: str) -> None:
    with pytest.raises(ValueError, match="is no host"):
        Admission(ServeOptions(hosts=(name,)))


PAGE = "https://chat.example"


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("x_forwarded_host", "chat.example", LET_IN),
        ("x_forwarded_host", "evil.example, chat.example", LET_IN),
        ("x_forwarded_host", "chat.example, evil.example", FOREIGN),
        ("x_forwarded_host", "chat.example/", FOREIGN),
        ("forwarded", "for=192.0.2.1;host=chat.example;proto=https", LET_IN),
        ("forwarded", 'host="chat.example:443"', LET_IN),
        ("forwarded", "host=evil.example", FOREIGN),
        ("forwarded", "for=192.0.2.1", FOREIGN),
    ],
)
def test_a_forwarded_host_counts_only_with_a_trusted_proxy(
    field: str, value: str, expected: HTTPStatus | None
) -> None:
    asked = {"host": "127.0.0.1:8000", "origin": PAGE, field: value}
    assert status(ServeOptions(trust_proxy=True), **asked) is expected
    assert status(ServeOptions(), **asked) is FOREIGN
    # A client that passes the proxy under another name can also write that field.
    past = {**asked, "host": "evil.example:8000"}
    assert status(ServeOptions(trust_proxy=True), **past) is MISDIRECTED


def refusal_of(
    fields: dict[str, list[str]], target: str = "/", *, needs_host: bool = True
) -> HTTPStatus | None:
    """The refusal of a request in the form that a library has."""
    found = Admission(ServeOptions()).refusal_of(
        lambda name: fields.get(name, []), target, needs_host=needs_host
    )
    return None if found is None else found.status


@pytest.mark.parametrize("field", ["host", "origin", "sec-websocket-key", "sec-websocket-version"])
def test_a_single_value_field_must_occur_once(field: str) -> None:
    fields = {"host": ["localhost"], field: ["localhost", "localhost"]}
    assert refusal_of(fields) is BAD


def test_a_coded_body_is_refused_before_decompression() -> None:
    for coding in ("gzip", "GZIP, br", "x-none"):
        asked = {"host": ["localhost"], "content-encoding": [coding]}
        assert refusal_of(asked) is HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    assert refusal_of({"host": ["localhost"], "content-encoding": ["Identity"]}) is LET_IN


def test_http_1_1_needs_a_host() -> None:
    assert refusal_of({}) is BAD
    assert refusal_of({}, needs_host=False) is LET_IN


def test_the_host_of_an_absolute_target_counts() -> None:
    assert refusal_of({"host": ["evil.example"]}, "http://localhost:1/a") is LET_IN
    assert refusal_of({"host": ["localhost"]}, "http://evil.example/") is MISDIRECTED
    assert refusal_of({"host": ["localhost"]}, "HTTP://user@localhost/") is BAD
    assert refusal_of({"host": ["a b"]}, "http://localhost/") is BAD


@pytest.mark.parametrize(
    ("referer", "origin"),
    [
        ("https://a.example/room?x", "https://a.example"),
        (None, "null"),
        ("nothing", "null"),
        ("http://[", "null"),
    ],
)
def test_the_origin_of_a_referer(referer: str | None, origin: str) -> None:
    assert of_referer(referer) == origin
