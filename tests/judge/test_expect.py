"""What an expectation finds in a server's bytes, where no server of these tests sends them."""

from __future__ import annotations

import pytest

from lab.decode.rfc6455 import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT
from lab.judge.verdict import Finding, Verdict
from lab.judge.websocket.build import frame
from lab.judge.websocket.expect import (
    STAYS_OPEN,
    Closes,
    Comes,
    EndsAfterClose,
    Expectation,
    Fails,
    Keeps,
    Pongs,
    Seen,
    known,
    short,
    whole_control,
)

HEAD = b"101"
BYE = b"\x03\xe8"


def found(expect: Expectation, *frames: bytes, ended: bool = False, over: bool = True) -> Finding:
    """The finding after these frames of a server."""
    finding = expect.finding(Seen(HEAD + b"".join(frames), len(HEAD), ended, over))
    assert finding is not None
    return finding


def sent(opcode: int, payload: bytes = b"", first: int = 0x80) -> bytes:
    """A frame of a server."""
    return frame(opcode, payload, first=first, masked=False)


@pytest.mark.parametrize(
    "expect",
    [Fails(1002), STAYS_OPEN, Closes((1000,)), EndsAfterClose(), Comes(TEXT, b"hello")],
    ids=lambda expect: type(expect).__name__,
)
def test_nothing_is_decided_while_more_may_come(expect: Expectation) -> None:
    assert expect.finding(Seen(HEAD, len(HEAD))) is None
    assert found(expect).verdict is Verdict.FAILED
    assert found(expect).at == len(HEAD)


def test_a_close_before_the_pong_is_the_wrong_byte() -> None:
    finding = found(Pongs((b"a",)), sent(TEXT, b"hi"), sent(CLOSE, BYE))
    assert (finding.verdict, finding.at) == (Verdict.FAILED, len(HEAD) + 4)
    assert finding.got == "a close frame with 1000"


def test_the_last_of_several_pongs_is_enough() -> None:
    assert found(Pongs((b"a", b"b")), sent(PONG, b"b")).verdict is Verdict.OK
    finding = found(Pongs((b"a", b"b")), sent(PONG, b"b"), over=False)
    assert finding.verdict is Verdict.OK


def test_the_first_byte_that_differs_is_found_in_any_fragment() -> None:
    parts = (sent(TEXT, b"hel", first=0), sent(PING, b"?"), sent(CONTINUATION, b"lO"))
    finding = found(Comes(TEXT, b"hello"), *parts)
    assert finding.at == len(HEAD) + len(parts[0]) + len(parts[1]) + 3
    finding = found(Comes(TEXT, b"hEllo"), *parts)
    assert finding.at == len(HEAD) + 3


def test_messages_that_a_server_sends_by_itself_are_skipped() -> None:
    expect = Comes(TEXT, b"hello", skipped=1)
    assert found(expect, sent(TEXT, b"welcome"), sent(TEXT, b"hello")).verdict is Verdict.OK


def test_an_answer_is_found_among_other_messages() -> None:
    expect = Comes(TEXT, b"{}", answer=b'"listing"')
    answer = sent(TEXT, b'{"type":"listing"}')
    assert found(expect, sent(TEXT, b"welcome"), sent(BINARY, b""), answer).verdict is Verdict.OK
    finding = found(expect, sent(TEXT, b"welcome"), sent(CLOSE, BYE))
    assert (finding.verdict, finding.got) == (Verdict.FAILED, "a close frame with 1000")


def test_an_end_without_a_close_frame_is_not_strict() -> None:
    finding = found(Fails(1002), ended=True)
    assert (finding.verdict, finding.at) == (Verdict.NOT_STRICT, len(HEAD))


def test_a_code_that_nobody_may_send_is_a_failure() -> None:
    assert found(Fails(1002), sent(CLOSE, b"\x03\xed")).verdict is Verdict.FAILED
    assert found(Fails(1002), sent(CLOSE, BYE)).verdict is Verdict.NOT_STRICT
    assert found(Fails(1002), sent(CLOSE)).verdict is Verdict.NOT_STRICT
    assert found(Closes((1000,)), sent(PONG), sent(CLOSE, BYE)).verdict is Verdict.OK
    assert found(Closes((1000,)), sent(CLOSE, b"\x03\xea")).verdict is Verdict.NOT_STRICT
    assert found(Closes((1000,)), sent(CLOSE, b"\x00\x01")).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    "rule, wrong, at",
    [
        (known, sent(3), 0),
        (short, b"\x81\x7e\x00\x01a", 1),
        (short, b"\x81\x7f" + bytes(7) + b"\x01a", 1),
        (whole_control, sent(PONG, b"", first=0), 0),
        (whole_control, sent(PONG, b"x" * 126), 1),
    ],
)
def test_a_frame_that_breaks_a_rule_is_found(rule: object, wrong: bytes, at: int) -> None:
    expect = Keeps("a rule", rule)  # type: ignore[arg-type] # one of the rules above
    finding = found(expect, sent(TEXT, b"right"), wrong)
    assert (finding.verdict, finding.at) == (Verdict.FAILED, len(HEAD) + 7 + at)
    assert found(expect, sent(TEXT, b"right"), sent(PONG, b"x" * 125)).verdict is Verdict.OK
