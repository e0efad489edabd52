"""What the judge found: as texts, as JUnit's XML, and as JSON."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from lab.judge.run import Result, counted
from lab.judge.verdict import Verdict
from lab.load.tapped import Capture
from lab.target.redact import redact
from lab.target.secret_values import Secrets

VERSION = 1
"""The version of the JSON."""


def sent_by_server(conversation: Capture, connection: int) -> bytes:
    """What the server sent on a connection, which counts from 1."""
    return b"".join(
        chunk.data
        for chunk in conversation.chunks
        if (chunk.connection, chunk.direction) == (connection, "down")
    )


def facts(result: Result, secrets: Secrets) -> Iterator[tuple[str, str]]:
    """What a finding says, as pairs of a name and a text: expected, got, where."""
    finding = result.finding
    if finding.expected:
        yield "expected", secrets.mask(printable(finding.expected))
    if finding.got:
        yield "got", secrets.mask(printable(finding.got))
    if finding.at is not None:
        yield "first wrong byte", place(result)


def place(result: Result) -> str:
    """Where the first wrong byte is, and which it is."""
    at, connection = result.finding.at or 0, result.finding.connection
    data = sent_by_server(result.conversation, connection)
    many = len({chunk.connection for chunk in result.conversation.chunks}) > 1
    where = f"offset {at:08x} of what the server sent" + (f" on #{connection}" if many else "")
    return f"{where}: {data[at]:02x}" if at < len(data) else f"{where}: nothing is there"


def masked(conversation: Capture, secrets: Secrets) -> Capture:
    """A conversation without its secrets."""
    chunks = redact(conversation.chunks, secrets)
    return Capture(chunks, conversation.events, conversation.counted)


def printable(text: str) -> str:
    """A text without characters that a terminal or XML would take for more than text."""
    return "".join(char if char.isprintable() else "·" for char in text)


def junit(results: Sequence[Result], secrets: Secrets) -> bytes:
    """JUnit's XML: a suite for each group. What is not strict passes, with a note."""
    root = ET.Element("testsuites", name="lab judge")
    for group, members in groupby(results, key=lambda result: result.case.group):
        _suite(root, group, list(members), secrets)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(root: ET.Element, group: str, members: list[Result], secrets: Secrets) -> None:
    counts = counted(members)
    suite = ET.SubElement(
        root,
        "testsuite",
        name=group,
        tests=str(len(members)),
        failures=str(counts[Verdict.FAILED]),
        skipped=str(counts[Verdict.NOT_ASKED]),
    )
    for result in members:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=group,
            name=f"{result.case.name} ({result.case.clause})",
            time=f"{result.seconds:.3f}",
        )
        _outcome(case, result, secrets)


_TAGS = {
    Verdict.FAILED: "failure",
    Verdict.NOT_STRICT: "system-out",
    Verdict.NOT_ASKED: "skipped",
}


def _outcome(case: ET.Element, result: Result, secrets: Secrets) -> None:
    tag = _TAGS.get(result.verdict)
    if tag is None:
        return
    said = [f"{name}: {text}" for name, text in facts(result, secrets)]
    element = ET.SubElement(case, tag)
    if result.verdict is not Verdict.NOT_STRICT:
        element.set("message", said[0] if said else str(result.verdict))
    element.text = "\n".join([str(result.verdict), *said])


def as_json(url: str, results: Sequence[Result], secrets: Secrets) -> bytes:
    """Every result with what was expected and what came, and the bytes in hexadecimal."""
    found = {
        "version": VERSION,
        "url": secrets.mask(url),
        "counts": {str(verdict): count for verdict, count in counted(results).items()},
        "cases": [_case(result, secrets) for result in results],
    }
    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"


def _case(result: Result, secrets: Secrets) -> dict[str, object]:
    finding = result.finding
    found: dict[str, object] = {
        "group": result.case.group,
        "name": result.case.name,
        "clause": result.case.clause,
        "verdict": str(result.verdict),
        "seconds": round(result.seconds, 3),
        **dict(facts(result, secrets)),
    }
    if finding.at is not None:
        found |= {"connection": finding.connection, "offset": finding.at}
    if result.verdict in (Verdict.FAILED, Verdict.NOT_STRICT):
        found["conversation"] = [
            {"connection": chunk.connection, "direction": chunk.direction, "data": chunk.data.hex()}
            for chunk in masked(result.conversation, secrets).chunks
        ]
    return found
