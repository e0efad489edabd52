"""`lab claims`, as a person runs it: verdicts with their evidence, and an exit code for CI."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner, Result

from lab.bilingual import Bilingual
from lab.claims import CLAIMS
from lab.claims._support.claim import Claim, Finding, NotTestable, Verdict
from lab.cli.claims import claims
from lab.load.tapped import Capture
from lab.relay.capture import Chunk, Traffic
from tests.claims.korean import is_korean

NAMES = ["moon", "sun", "stars"]
SAID = b"GET / HTTP/1.1\r\nHost: moon\r\n\r\n"
TAPE = Capture([Chunk(1, "up", 0, SAID)], [], Traffic())
STONE = Bilingual("3 of 3 bites: stone", "세 입 중 3: 돌")
CHEESE = Bilingual("0 of 3: cheese", "세 입 중 0: 치즈")
HURT = Bilingual("1 of 1 looks hurt", "한 번 보면 1번 아픔")
FOUND = {
    "moon": Finding(Verdict.DOES_NOT_HOLD, STONE, (STONE, CHEESE), {"a": TAPE}),
    "sun": Finding(Verdict.HOLDS, HURT, (HURT,)),
}


def made(name: str, found: Finding | Exception, expected: Verdict) -> Claim:
    async def test() -> Finding:
        if isinstance(found, Exception):
            raise found
        return found

    because = Bilingual(f"The {name} is as it is. It has always been.", "원래 그렇습니다.")
    said = Bilingual(f"The {name} is cheese.", f"{name}은 치즈입니다.")
    return Claim(name, said, Bilingual("Asks.", "물어봅니다."), expected, because, test)


@pytest.fixture
def sky(monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims about other things than transports: one of them can't be tested here."""
    said: Mapping[str, Finding | Exception] = FOUND | {"stars": NotTestable("needs a night")}
    for name in NAMES:
        module = ModuleType(f"claims_of_{name}")
        expected = Verdict.DOES_NOT_HOLD if name == "moon" else Verdict.HOLDS
        module.CLAIM = made(name, said[name], expected)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setitem(CLAIMS, name, module.__name__)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(claims.params[0], "type", click.Choice(NAMES))


def lab(*arguments: str, ci: str | None = None) -> Result:
    return CliRunner().invoke(claims, arguments, env={"COLUMNS": "80", "CI": ci})


def words(result: Result) -> str:
    """What was printed, without how it was broken into lines."""
    return " ".join(result.output.split())


@pytest.mark.usefixtures("sky")
def test_each_claim_is_a_row_with_one_line_of_evidence() -> None:
    result = lab(*NAMES)
    assert result.exit_code == 0, result.output
    said = words(result)
    assert "claim verdict after moon does not hold 0 s 3 of 3 bites: stone sun holds" in said
    assert "0 of 3: cheese" not in said
    assert "stars not tested 0 s needs a night" in said
    assert "holds: 1, does not hold: 1, not tested: 1" in said
    assert "docs/documents.md" in said
    assert max(map(len, result.output.splitlines())) <= 80
    assert "\x1b" not in result.output


@pytest.mark.usefixtures("sky")
def test_details_explain_a_claim() -> None:
    said = words(lab("moon", "--details"))
    for wanted in (
        "The moon is cheese.",
        "Experiment: Asks.",
        "- 3 of 3 bites: stone",
        "- 0 of 3: cheese",
        "Verdict: does not hold",
        "Why: The moon is as it is.",
        "More: docs/documents.md#moon, notebooks/06_claims.ipynb",
    ):
        assert wanted in said
    assert "sun" not in said


@pytest.mark.usefixtures("sky")
@pytest.mark.parametrize("shown", ["--details", "--trace", ""])
@pytest.mark.parametrize("korean", ["--lang=ko", "--korean"])
def test_everything_is_korean_where_korean_is_wanted(korean: str, shown: str) -> None:
    names = ["sun"] if shown == "--trace" else NAMES
    result = lab(*names, korean, *filter(None, [shown]))
    assert result.exit_code == 0, result.output
    lines = [line for line in result.output.splitlines() if line.strip()]
    assert [line for line in lines if not is_korean(f"{line} 한글")] == []
    assert "맞음" in result.output
    if shown == "--details":
        for wanted in ("moon은 치즈입니다.", "실험: 물어봅니다.", "세 입 중 0: 치즈", "판정: 틀림"):
            assert wanted in result.output
        assert "더 보기: docs/documents.ko.md#moon" in result.output
    assert lab("moon").output.isascii()


@pytest.mark.usefixtures("sky")
def test_the_bytes_are_shown_when_they_are_asked_for() -> None:
    result = lab("moon", "sun", "--trace")
    assert result.exit_code == 0, result.output
    assert "moon: a" in result.output
    assert "GET / HTTP/1.1" in result.output
    assert "sun: nothing was captured" in result.output
    assert "GET /" not in lab("moon").output


def test_bytes_are_asked_for_by_name() -> None:
    result = lab("--trace")
    assert result.exit_code == 2
    assert "add its NAME" in result.output


@pytest.mark.usefixtures("sky")
def test_what_was_found_is_written_as_json(tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    assert lab("moon", "stars", "--json", str(file)).exit_code == 0
    moon, stars = json.loads(file.read_text(encoding="utf-8"))
    assert moon["verdict"] == moon["expected"] == "does not hold"
    assert moon["en"]["evidence"] == ["3 of 3 bites: stone", "0 of 3: cheese"]
    assert moon["en"]["row"] == "docs/documents.md#moon"
    assert moon["ko"]["claim"] == "moon은 치즈입니다."
    assert moon["ko"]["verdict"] == "틀림"
    assert stars["verdict"] == "not tested"
    assert stars["expected"] == "holds"
    assert stars["en"]["in_short"] == "needs a night"


def test_a_folder_that_is_not_there_is_said_before_anything_runs(tmp_path: Path) -> None:
    result = lab("--json", str(tmp_path / "none" / "found.json"))
    assert result.exit_code == 2
    assert "does not exist" in words(result)


@pytest.mark.usefixtures("sky")
def test_another_verdict_than_the_expected_one_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = sys.modules[CLAIMS["sun"]]
    monkeypatch.setattr(module, "CLAIM", made("sun", FOUND["moon"], Verdict.HOLDS))
    result = lab("sun", "moon")
    assert result.exit_code == 1
    assert "sun: expected holds, found does not hold" in result.output
    assert "moon: expected" not in result.output


@pytest.mark.usefixtures("sky")
def test_an_experiment_that_breaks_is_an_error_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = sys.modules[CLAIMS["moon"]]
    monkeypatch.setattr(module, "CLAIM", made("moon", OSError("no rocket"), Verdict.HOLDS))
    result = lab("moon", "sun")
    assert result.exit_code == 1
    assert "moon: the experiment failed: OSError: no rocket" in words(result)
    assert "Traceback" in result.output
    assert "1 of 1 looks hurt" in result.output


@pytest.mark.usefixtures("sky")
@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0), (None, 0)])
def test_what_could_not_be_tested_is_an_error_in_ci(ci: str | None, code: int) -> None:
    result = lab("stars", ci=ci)
    assert result.exit_code == code, result.output
    assert ("stars: needs a night" in result.output) is bool(code)


def test_an_unknown_claim_is_answered_with_those_that_there_are() -> None:
    result = lab("cheese")
    assert result.exit_code == 2
    assert all(name in words(result) for name in ["cheese", *CLAIMS])


def test_help_names_the_claims() -> None:
    shown = "".join(lab("--help").output.split())  # a name may be broken at its hyphen
    assert all(name in shown for name in CLAIMS)
