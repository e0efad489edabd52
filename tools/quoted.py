"""Fills templates with figures of the committed runs and with facts of the code.

`{value TRANSPORT FIGURE [CLIENT]}` is a measured figure, `{rate …}` one second divided by it (it is
in µs), and `{ratio TRANSPORT BASELINE FIGURE}` a multiple, paired by pass. `{verdict CLAIM}` and
`{said CLAIM}` quote a claim. `{seen TRANSPORT CAUSE}` is what a client saw when that cause was
injected, `{after …}` how soon. `{lines CHAT}` counts a simple chat, `{limit NAME}` is a bound of
the room, and `{bundle version}` and `{bundle kilobytes}` are those of Socket.IO's client.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from lab.answer import reference
from lab.answer.blocks import PYTHON
from lab.answer.measurements import Measurements
from lab.bilingual import Language
from lab.chat.limits import Limits
from lab.choose import bundle
from lab.claims import load
from lab.claims._support.claim import VERDICTS
from lab.code.concerns import declared
from lab.code.count import count
from lab.code.sources import Sources
from lab.report.model import formatting
from lab.why import table as why
from tools.claimed import PAGE

PLACEHOLDER = re.compile(r"\{(\w+) ([^}]+)\}")
SAW_NOTHING = {Language.ENGLISH: "nothing", Language.KOREAN: "없음"}
SECONDS = {Language.ENGLISH: "s", Language.KOREAN: "초"}


class Quoted:
    """One text of a language. `runs`: those that it quotes."""

    def __init__(self, language: Language) -> None:
        self.runs: dict[str, Measurements] = {}
        self._language = language
        self._kinds: dict[str, Callable[..., str]] = {
            "value": self._value,
            "rate": self._rate,
            "ratio": self._ratio,
            "verdict": self._verdict,
            "said": self._said,
            "seen": self._seen,
            "after": self._after,
            "bundle": self._bundle,
            "limit": self._limit,
        }

    def fill(self, template: str) -> str:
        """Return the text with its figures.

        Raises:
            LookupError: nothing has measured what the template quotes.
        """
        return PLACEHOLDER.sub(self._filled, template)

    def _filled(self, match: re.Match[str]) -> str:
        kind, rest = match.groups()
        if kind == "lines":
            return self._lines(rest)
        return self._kinds[kind](*rest.split())

    def _value(self, transport: str, figure: str, client: str = PYTHON) -> str:
        return formatting.exact(self._measured(transport, figure, client))

    def _rate(self, transport: str, figure: str, client: str = PYTHON) -> str:
        return formatting.number(1e6 / self._measured(transport, figure, client))

    def _measured(self, transport: str, figure: str, client: str) -> float:
        runs = reference.load()
        value, source = (
            runs.value(figure, transport, client),
            runs.source(figure, transport, client),
        )
        if value is None or source is None:
            raise LookupError(f"no run has {figure} of {transport} with a client in {client}")
        self.runs[source.run] = source
        return value.median

    def _ratio(self, transport: str, baseline: str, figure: str) -> str:
        for run in reference.load().runs:
            found = run.ratio(figure, transport, baseline) if run.client == PYTHON else None
            if found is not None:
                self.runs[run.run] = run
                return formatting.ratio(found)
        raise LookupError(f"no run has {figure} of {transport} and {baseline}")

    def _verdict(self, name: str) -> str:
        verdict = VERDICTS[load(name).verdict].of(self._language)
        return f"[**{verdict[0].upper()}{verdict[1:]}**]({PAGE.of(self._language)}#{name})"

    def _said(self, name: str) -> str:
        return load(name).said.of(self._language)

    def _seen(self, transport: str, cause: str) -> str:
        seen = _row(transport, cause).client
        return f"`{seen}`" if seen else SAW_NOTHING[self._language]

    def _after(self, transport: str, cause: str) -> str:
        seconds = _row(transport, cause).client_s
        if seconds is None:
            raise LookupError(f"the client on {transport} did not notice {cause}")
        return f"{seconds:.1f} {SECONDS[self._language]}".replace(" 초", "초")

    def _bundle(self, what: str) -> str:
        found = bundle.load()
        return {"version": found.version, "kilobytes": f"{found.gzip_bytes / 1000:.1f}"}[what]

    def _limit(self, name: str) -> str:
        return f"{getattr(Limits(), name):,}"

    def _lines(self, chat: str) -> str:
        return str(_simple_chats()[chat])


def _row(transport: str, cause: str) -> why.Row:
    """What was seen with the client in Python."""
    seen = [row for row in why.load().rows if (row.transport, row.cause) == (transport, cause)]
    rows = [row for row in seen if row.library not in why.PACKAGES]
    if len(rows) != 1 or rows[0].without:
        raise LookupError(f"{cause} was not observed on {transport}")
    return rows[0]


@cache
def _simple_chats() -> dict[str, int]:
    chats = count({}, Sources(), declared()).simple
    return {chat.transport: chat.application for chat in chats}
