"""Run the scripts of jsonp-polling and htmlfile in Node, and compare the texts."""

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
from transports._fallback import packets
from transports._fallback.script import literal, read_literal

EVALUATE = Path(__file__).parent / "js" / "evaluate.mjs"
JSONP, HTMLFILE = POLLING["jsonp-polling"], STREAMING["htmlfile"]
ANY = st.text(st.characters(codec="utf-8"))


class Scripts(HTMLParser):
    """The contents of a page's script elements, by an HTML parser."""

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


def run_scripts(pages: list[list[str]]) -> list[list[str]]:
    """The texts that the scripts of each page pass on, when Node runs them."""
    needs(node_unavailable())
    done = subprocess.run(
        ["node", EVALUATE], input=json.dumps(pages), capture_output=True, text=True, check=True
    )
    answer: list[list[str]] = json.loads(done.stdout)
    return answer


def payloads(texts: list[str]) -> list[bytes]:
    """Each text in its own message, and all messages in one payload."""
    sent = tuple(said(text) for text in texts)
    return [*sent, packets.payload(sent)]


@given(ANY)
def test_a_literal_has_the_same_text_and_ends_no_script(text: str) -> None:
    written = literal(text.encode())
    assert read_literal(written) == text.encode()
    assert json.loads(written) == text
    assert not re.search("[<>&\u2028\u2029\x00-\x1f]", written.decode())


@settings(max_examples=8, deadline=None)
@given(TEXTS)
def test_node_reads_the_texts_of_jsonp(texts: list[str]) -> None:
    sent = [(payload,) for payload in payloads(texts)]
    scripts = [JSONP.encode(each, {"i": "7"}).decode() for each in sent]
    assert run_scripts([scripts]) == [[payload.decode() for (payload,) in sent]]


@settings(max_examples=8, deadline=None)
@given(TEXTS)
def test_node_reads_the_texts_of_htmlfile(texts: list[str]) -> None:
    sent = [(payload,) for payload in payloads(texts)]
    page = HTMLFILE.prelude + b"".join(HTMLFILE.encode(each, {}) for each in sent)
    scripts = Scripts(page.decode()).found
    assert len(scripts) == 1 + len(sent)
    assert run_scripts([scripts]) == [[payload.decode() for (payload,) in sent]]


def test_node_reads_every_special_character_of_scripts() -> None:
    characters = [chr(code) for code in [*range(0x100), 0x2028, 0x2029, 0xFEFF, 0xFFFD, 0x1F44B]]
    sent = [*characters, *HOSTILE, "".join(characters)]
    scripts = [JSONP.encode((text.encode(),), {"i": "7"}).decode() for text in sent]
    assert run_scripts([[script] for script in scripts]) == [[text] for text in sent]
