"""Secrets: given by reference, revealed where they are sent, masked everywhere else."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from lab.relay.capture import Chunk
from lab.target.errors import TargetError
from lab.target.redact import redact
from lab.target.secret_values import LONGEST_FILE_BYTES, Secrets, parse_headers

VALUE = 'p/ä"ss w=rd'


@pytest.fixture
def secrets() -> Secrets:
    return Secrets({"TOKEN": VALUE, "SHORT": "abc", "LINES": "one\r\nEvil: 1"})


def test_references_are_revealed(secrets: Secrets, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from a file\n", encoding="utf-8")
    assert secrets.reveal("plain") == "plain"
    assert secrets.reveal("env:TOKEN") == VALUE
    assert secrets.reveal("Bearer env:TOKEN") == f"Bearer {VALUE}"
    assert secrets.reveal(f"file:{file}") == "from a file"
    payload = {"auth": {"token": "env:TOKEN"}, "rooms": ["a", "env:TOKEN"], "n": 1}
    assert secrets.reveal_all(payload) == {"auth": {"token": VALUE}, "rooms": ["a", VALUE], "n": 1}
    revealed = secrets.reveal_query("EIO=4&token=env:TOKEN&x&y=a%20b")
    assert revealed == f"EIO=4&token={quote(VALUE, safe='')}&x&y=a%20b"


def test_a_reference_to_nothing_is_refused(secrets: Secrets, tmp_path: Path) -> None:
    for text, said in {
        "env:MISSING": "MISSING is not set",
        "env:SHORT": "4 characters",
        "env:LINES": "line end",
        f"file:{tmp_path / 'none'}": "can't be read",
        f"file:{tmp_path}": "can't be read",
    }.items():
        with pytest.raises(TargetError, match=said):
            secrets.reveal(text)
    for content, said in {
        b"\xff" * 9: "not UTF-8",
        b"x" * (LONGEST_FILE_BYTES + 1): "long",
    }.items():
        (tmp_path / "odd").write_bytes(content)
        with pytest.raises(TargetError, match=said):
            secrets.reveal(f"file:{tmp_path / 'odd'}")


def test_a_revealed_value_is_masked_in_each_form(secrets: Secrets) -> None:
    secrets.reveal("Bearer env:TOKEN")
    for form in (VALUE, quote(VALUE), quote(VALUE, safe=""), json.dumps(VALUE)[1:-1]):
        text = f"before {form} after"
        masked = secrets.mask(text)
        assert masked == f"before {'*' * len(form)} after"
        assert secrets.mask_bytes(text.encode()).decode().endswith(" after")
        assert len(secrets.mask_bytes(text.encode())) == len(text.encode())
    record = {"headers": {"authorization": f"Bearer {VALUE}"}, "log": [f"got {VALUE}", 7]}
    assert VALUE not in json.dumps(secrets.mask_all(record), ensure_ascii=False)


def test_what_was_not_revealed_is_not_masked(secrets: Secrets) -> None:
    assert secrets.mask(f"{VALUE} stays") == f"{VALUE} stays"


def test_headers_keep_their_references() -> None:
    found = parse_headers(["X-Room: a: b", "authorization:Bearer env:TOKEN", "Cookie: file:/x"])
    assert found == {"X-Room": "a: b", "authorization": "Bearer env:TOKEN", "Cookie": "file:/x"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no colon", "write 'Name: value'"),
        (": value", "write 'Name: value'"),
        ("na me: value", "write 'Name: value'"),
        ("Authorization: Bearer hunter2", "env:NAME"),
        ("cookie: sid=hunter2", "env:NAME"),
        ("Host: hunter2", "leave it out"),
        ("Sec-WebSocket-Key: hunter2", "leave it out"),
        ("X-A: hunter2\r\nEvil: 1", "can't have"),
        ("X-A: hunter2ä", "can't have"),
    ],
)
def test_wrong_headers_are_refused_without_their_value(text: str, said: str) -> None:
    with pytest.raises(TargetError, match=said) as refused:
        parse_headers([text])
    assert "hunter2" not in str(refused.value)


def masked_frame(payload: bytes, key: bytes = b"\x01\x02\x03\x04") -> bytes:
    body = bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))
    return bytes([0x81, 0x80 | len(payload)]) + key + body


HEAD_UP = (
    b"GET /?token=hunter22 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
HEAD_DOWN = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


def test_a_capture_keeps_its_lengths_and_loses_its_secrets() -> None:
    secrets = Secrets({"TOKEN": "hunter22"})
    assert redact([Chunk(1, "up", 0, HEAD_UP)], secrets)[0].data == HEAD_UP
    secrets.reveal("env:TOKEN")
    frame = masked_frame(b'40{"token":"hunter22"}')
    sent = [HEAD_UP[:15], HEAD_UP[15:] + frame[:14], frame[14:]]
    received = [HEAD_DOWN, b"\x81\x0bhi hunter22"]
    chunks = [Chunk(1, "up", at, data) for at, data in enumerate(sent)]
    chunks += [Chunk(1, "down", at, data) for at, data in enumerate(received)]
    found = redact(chunks, secrets)
    assert [len(chunk.data) for chunk in found] == [len(chunk.data) for chunk in chunks]
    up = b"".join(chunk.data for chunk in found if chunk.direction == "up")
    assert up == HEAD_UP.replace(b"hunter22", b"********") + masked_frame(b'40{"token":"********"}')
    assert found[-1].data == b"\x81\x0bhi ********"
