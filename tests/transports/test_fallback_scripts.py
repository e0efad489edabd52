"""The wires that are scripts: JavaScript itself says what their literals mean."""

from __future__ import annotations

import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.interop.node import node_unavailable
from tests.interop.conftest import needs
from tests.transports.fallbacks import HOSTILE, POLLING, STREAMING, TEXTS, said
from transports import _fallback_packets as packets
from transports._fallback_script import literal, read_literal

EVALUATE = Path(__file__).parent / "js" / "evaluate.mjs"
JSONP, HTMLFILE = POLLING["jsonp-polling"], STREAMING["htmlfile"]
ANY = st.text(st.characters(codec="utf-8"))


class Scripts(HTMLParser):
    """What stands in the script elements of a page, as an HTML parser finds them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._inside = tag == "script"
        self.found += [""] * self._inside

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data


def told(pages: list[list[str]]) -> list[list[str]]:
    """What the scripts of each page tell it, when Node runs them."""
    needs(node_unavailable())
    done = subprocess.run(
        ["node", EVALUATE], input=json.dumps(pages), capture_output=True, text=True, check=True
    )
    answer: list[list[str]] = json.loads(done.stdout)
    return answer


def payloads(texts: list[str]) -> list[bytes]:
    """Each text in a message of its own, and all of them in one payload."""
    sent = tuple(said(text) for text in texts)
    return [*sent, packets.payload(sent)]


@given(ANY)
def test_a_literal_says_what_it_was_made_of_and_endangers_nothing_around_it(text: str) -> None:
    written = literal(text.encode())
    assert read_literal(written) == text.encode()
    assert json.loads(written) == text
    assert not re.search("[<>&\u2028\u2029\x00-\x1f]", written.decode())


@settings(max_examples=8, deadline=None)
@given(TEXTS)
def test_node_gets_what_was_said_over_jsonp(texts: list[str]) -> None:
    sent = [(payload,) for payload in payloads(texts)]
    scripts = [JSONP.encode(each, {"i": "7"}).decode() for each in sent]
    assert told([scripts]) == [[payload.decode() for (payload,) in sent]]


@settings(max_examples=8, deadline=None)
@given(TEXTS)
def test_node_gets_what_was_said_over_htmlfile(texts: list[str]) -> None:
    sent = [(payload,) for payload in payloads(texts)]
    page = HTMLFILE.prelude + b"".join(HTMLFILE.encode(each, {}) for each in sent)
    scripts = Scripts(page.decode()).found
    assert len(scripts) == 1 + len(sent)
    assert told([scripts]) == [[payload.decode() for (payload,) in sent]]


def test_node_gets_every_character_that_means_something_to_a_script() -> None:
    characters = [chr(code) for code in [*range(0x100), 0x2028, 0x2029, 0xFEFF, 0xFFFD, 0x1F44B]]
    sent = [*characters, *HOSTILE, "".join(characters)]
    scripts = [JSONP.encode((text.encode(),), {"i": "7"}).decode() for text in sent]
    assert told([[script] for script in scripts]) == [[text] for text in sent]
