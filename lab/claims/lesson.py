"""The lesson of the notebook 06_claims: each claim's experiment, and what it found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from lab.bilingual import Bilingual, Language
from lab.claims import CLAIMS, load
from lab.claims._support.claim import VERDICTS, Claim, Verdict
from lab.claims._support.run import Outcome, put_to_test
from lab.decode.decode import decode
from lab.ledger.conversations import exchanges_of
from lab.load.tapped import Capture
from lab.notebook.guess import Expected
from lab.notebook.pictures import Chart, Picture, Points, charts
from lab.notebook.prose import Prose

NOT_RUN = Bilingual(
    "Not run here; in the lab's tests", "여기서는 실행하지 않았습니다. 실험실의 테스트 결과"
)
VERDICT = Bilingual("Verdict", "판정")
EXPECTED = Bilingual("The lab expected", "실험실의 예상")
HEADS = Bilingual("| claim | verdict |", "| 주장 | 판정 |")
COUNTED = Bilingual(
    "Of {claims} claims, {holds} hold, {depends} depend and {does_not_hold} do not hold; "
    "{not_tested} can't be tested yet. This notebook ran {run} of the experiments just now.",
    "주장 {claims}개 가운데 {holds}개가 맞고, {depends}개는 경우에 따라 다르며, "
    "{does_not_hold}개는 "
    "틀립니다. {not_tested}개는 아직 시험하지 못합니다. 이 노트북은 방금 실험 {run}개를 "
    "실행했습니다.",
)

FIRST_REQUEST = Expected(
    "websocket",
    "The client tries its `transports` in their order.",
    "클라이언트는 `transports`에 적힌 순서대로 시도합니다.",
)


@dataclass
class Settled:
    """The claims that were tested so far. `long`: claims whose recorded verdict is shown."""

    long: Collection[str]
    found: dict[str, Outcome] = field(default_factory=dict)

    async def settle(self, name: str) -> Prose:
        """Run a claim's experiment and say what it found; of a long one, what the tests found."""
        claim = load(name)
        if name not in self.long:
            self.found[name] = await put_to_test(claim)
        return Prose(*(self._text(claim, language) for language in Language))

    def _text(self, claim: Claim, language: Language) -> str:
        said = f"> {claim.said.of(language)}\n\n{claim.experiment.of(language)}"
        because, recorded = claim.because.of(language), VERDICTS[claim.verdict].of(language)
        outcome = self.found.get(claim.name)
        if outcome is None:
            return f"{said}\n\n**{NOT_RUN.of(language)}: {recorded}.** {because}"
        seen = "\n".join(f"- {one.of(language)}" for one in outcome.finding.evidence)
        verdict = outcome.finding.verdict
        why = because if verdict is claim.verdict else f"{EXPECTED.of(language)}: {recorded}."
        decided = f"{VERDICT.of(language)}: {VERDICTS[verdict].of(language)}"
        return f"{said}\n\n{seen}\n\n**{decided}.** {why}"

    def verdict(self, name: str) -> Verdict:
        """Return what was found just now, or else what the tests found."""
        outcome = self.found.get(name)
        return outcome.finding.verdict if outcome else load(name).verdict

    def verdicts(self) -> dict[str, str]:
        """Claim -> its verdict in a word, as the guesses have it."""
        return {name: VERDICTS[self.verdict(name)].english for name in CLAIMS}

    def beliefs_that_hold(self) -> Expected:
        """Expect how many of the common beliefs hold as stated."""
        held = [
            name
            for name in CLAIMS
            if load(name).common_belief and self.verdict(name) is Verdict.HOLDS
        ]
        return Expected(
            len(held),
            "Look at the first four claims of this notebook.",
            "이 노트북의 처음 네 주장을 보십시오.",
            within=0,
        )

    def first_bytes(self, claim: str) -> Picture | Prose:
        """Draw what went by polling and what by WebSocket, on the open network."""
        captures = self.found[claim].finding.captures if claim in self.found else {}
        opened = [capture for label, capture in captures.items() if "allowed" in label]
        if not opened:
            return Prose(
                "There is no picture, because no client could run.",
                "클라이언트를 실행하지 못해 그림이 없습니다.",
            )
        curves = _by_transport(opened[0])
        first = min(curves, key=lambda name: curves[name][0][0]).removeprefix("socketio-")
        labels = {name: name.removeprefix("socketio-") for name in curves}
        chart = Chart("ms since the first byte", "bytes so far", curves, labels=labels)
        note = "socket.io-client in Node, as it is installed, both directions together"
        return charts([chart], f"The client begins with {first}", note)

    def answer(self) -> Prose:
        """Count the verdicts, and list them."""
        return Prose(*("\n".join(self._answer(language)) for language in Language))

    def _answer(self, language: Language) -> Iterator[str]:
        count = Counter(self.verdict(name) for name in CLAIMS)
        yield COUNTED.fill(
            claims=len(CLAIMS),
            holds=count[Verdict.HOLDS],
            depends=count[Verdict.DEPENDS],
            does_not_hold=count[Verdict.DOES_NOT_HOLD],
            not_tested=count[Verdict.NOT_TESTED],
            run=len(self.found),
        ).of(language)
        yield from ("", HEADS.of(language), "|:--|:--|")
        for name in CLAIMS:
            verdict = VERDICTS[self.verdict(name)].of(language)
            yield f"| {load(name).said.of(language)} | **{verdict}** |"


def _by_transport(capture: Capture) -> dict[str, Points]:
    """Return milliseconds and bytes so far, of polling and of WebSocket."""
    trace = decode(capture.chunks, capture.events)
    names = {
        connection.connection: "socketio-websocket"
        if any(exchange.upgraded for exchange in exchanges_of(connection))
        else "socketio-polling"
        for connection in trace.connections
    }
    began_ns = min(chunk.at_ns for chunk in capture.chunks)
    curves: dict[str, tuple[list[float], list[float]]] = {
        name: ([], []) for name in sorted(set(names.values()))
    }
    for chunk in capture.chunks:
        times, sizes = curves[names[chunk.connection]]
        times.append((chunk.at_ns - began_ns) / 1e6)
        sizes.append(len(chunk.data) + (sizes[-1] if sizes else 0))
    return dict(curves)
