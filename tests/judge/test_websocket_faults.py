"""A right server passes every case of RFC 6455; a wrong one fails those of its fault."""

from __future__ import annotations

import pytest

from lab.judge.websocket.cases import CASES
from tests.judge.echo import echo_server
from tests.judge.judging import fitting, flaws, site_at

IDS = [case.id.removeprefix("websocket/") for case in CASES]
SILENT_S = 3.0
"""The patience with servers whose fault is that they do not answer."""
MASKED = ("masks: another mask*", "pings: a ping with a mask")

FAULTS: dict[str, tuple[str, ...]] = {
    # Openings.
    "takes HTTP/1.0": ("wrong openings: HTTP/1.0",),
    "takes POST": ("wrong openings: POST",),
    "takes PUT": ("wrong openings: PUT",),
    "takes no Host": ("wrong openings: no Host",),
    "does not look at Upgrade": ("wrong openings: no Upgrade", "wrong openings: another Upgrade"),
    "does not look at Connection": (
        "wrong openings: no Connection",
        "wrong openings: another Connection",
    ),
    "does not look at the version": ("wrong openings: *version*",),
    "does not name its version": ("wrong openings: the answer to another version*",),
    "takes any key": ("wrong openings: a key *", "wrong openings: two keys", "*: an empty key"),
    "needs no key": ("wrong openings: no key",),
    "compares Upgrade by its letters": ("openings: Upgrade in capitals",),
    "takes Connection for one word": ("openings: Connection is a list",),
    "always answers with the RFC's accept value": ("openings: the accept value of another key",),
    "answers Connection: close": ("openings: Connection in the answer",),
    "chooses a subprotocol by itself": ("openings: no subprotocol that is not offered",),
    "accepts every extension": ("openings: *extension*",),
    # Frames.
    "ignores RSV1": ("reserved: RSV1 *",),
    "ignores RSV2": ("reserved: RSV2 *",),
    "ignores RSV3": ("reserved: RSV3 *",),
    "takes reserved opcodes for texts": ("reserved: opcode [3-7]*",),
    "takes frames without a mask": ("masks: * without a mask",),
    "takes no mask off": ("masks: * with a mask", "masks: a mask of ones", *MASKED),
    "masks with the first byte only": ("masks: * with a mask", *MASKED),
    "masks its frames": ("what the server sends: no frame has a mask",),
    "sets RSV1": ("what the server sends: no reserved bit is set",),
    "writes long lengths": ("what the server sends: lengths are as short as they can be",),
    "splits its pongs": ("what the server sends: control frames are whole and short",),
    "takes long lengths": ("lengths: a length of * bits",),
    "takes 64 bits for an error": ("lengths: * of 65536 bytes",),
    "takes messages of any size": ("lengths: a text that *",),
    "answers no empty message": ("lengths: * of 0 bytes", "fragments: three empty fragments"),
    "answers binary with text": ("lengths: a binary of *", "fragments: a binary in two fragments"),
    # Fragments and control frames.
    "takes continuations of nothing": ("fragments: a*continuation of *",),
    "takes a message inside a message": (
        "fragments: * inside a *",
        "fragments: a text that begins twice",
    ),
    "takes control frames in fragments": ("control frames: * in fragments*",),
    "takes long control frames": ("control frames: * of 126 bytes",),
    "answers no ping": ("pings: a ping *", "pings: ten pings*", "pings: a pong *"),
    "answers no ping inside a message": ("pings: a ping between two fragments",),
    "takes a pong for an error": ("pings: a pong *", "pings: a message around a pong"),
    # UTF-8.
    "takes any bytes for text": ("no UTF-8: *", "no UTF-8, at once: *"),
    "takes surrogates": ("no UTF-8: *surrogate*",),
    "decodes at the end": ("no UTF-8, at once: *",),
    "decodes each fragment alone": ("UTF-8: a character *fragments",),
    "cuts the answer at a NUL": ("UTF-8: NUL*", "fragments: a binary in two fragments"),
    # Closing.
    "takes a close of one byte": ("closing: a close of one byte",),
    "takes any close code": tuple(
        f"closing: a close with {code}"
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    ),
    "takes any reason": ("closing: a reason that is no UTF-8", "closing: *half a character"),
    "keeps the connection after the close": ("closing: the connection ends after the close",),
    "goes on after the close": (
        "closing: the connection ends after*",
        "closing: a * after the close",
        "closing: two closes",
    ),
}


async def test_a_right_server_passes_every_case() -> None:
    async with echo_server() as port:
        assert await flaws(site_at(port), CASES) == {}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_fails_exactly_its_cases(fault: str) -> None:
    async with echo_server(fault) as port:
        found = await flaws(site_at(port, SILENT_S), CASES)
    wrong = {case.removeprefix("websocket/") for case in found}
    assert wrong == fitting(IDS, FAULTS[fault])
