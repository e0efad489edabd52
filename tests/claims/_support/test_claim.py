"""The texts of the claims in two languages, and their expected verdicts."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import lab.claims
from lab.claims import CLAIMS, UnknownClaimError, load
from lab.claims._support.claim import VERDICTS, NotTestable, Verdict, needs, verdict_of
from tests.claims.korean import is_korean

FOLDER = Path(lab.claims.__file__).parent
EXPECTED = [
    "realtime-events",
    "server-and-client",
    "html5-standard",
    "browser-and-server",
    "no-library",
    "many-transports",
    "convenient",
    "rooms",
    "never-across",
    "fixed-partner",
    "handshake",
    "wrong-types",
    "client-checks",
    "fast-lines",
    "shared-line",
    "client-first",
    "built-apart",
    "falls-back",
    "polling-loses-nothing",
    "guaranteed-delivery",
    "recovers-missed",
    "tls-doubles",
    "compression-is-free",
    "sticky-sessions",
    "redis-adapter-linear",
    "polling-survives",
    "one-lost-packet",
    "address-change",
    "six-connections",
    "webtransport-faster",
    "slow",
]
BELIEFS = {
    "falls-back",
    "polling-loses-nothing",
    "guaranteed-delivery",
    "recovers-missed",
    "tls-doubles",
    "compression-is-free",
    "sticky-sessions",
    "redis-adapter-linear",
    "polling-survives",
    "one-lost-packet",
    "address-change",
    "six-connections",
    "webtransport-faster",
    "slow",
}
"""Common beliefs that the projects' documents do not state."""
MOST_WORDS = 30
"""The most words in one sentence of a text."""


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!])\s", text) if part]


def test_the_claims_are_listed_in_order() -> None:
    assert list(CLAIMS) == EXPECTED


def test_every_file_that_holds_a_claim_is_listed() -> None:
    holding = {
        path.stem for path in FOLDER.glob("*.py") if "\nCLAIM = Claim(" in path.read_text("utf-8")
    }
    assert {module.removeprefix("lab.claims.") for module in CLAIMS.values()} == holding


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_has_the_name_of_its_module(name: str) -> None:
    assert CLAIMS[name] == f"lab.claims.{name.replace('-', '_')}"
    assert load(name).name == name
    assert importlib.import_module(CLAIMS[name]).__doc__


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_has_an_english_and_a_korean_text(name: str) -> None:
    claim = load(name)
    assert 1 <= len(sentences(claim.said.english)) <= 3
    assert claim.said.english.isascii()
    for text in (claim.said, claim.experiment, claim.because):
        assert is_korean(text.korean), text.korean
        for sentence in sentences(text.korean):
            assert sentence.endswith("니다."), f"another form of address: {sentence}"


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_describes_its_experiment_and_explains_its_verdict(name: str) -> None:
    claim = load(name)
    assert 1 <= len(sentences(claim.experiment.english)) <= 3
    assert 2 <= len(sentences(claim.because.english)) <= 5
    for text in (claim.said.english, claim.experiment.english, claim.because.english):
        assert max(len(sentence.split()) for sentence in sentences(text)) <= MOST_WORDS, text
        assert text[0].isupper() or text[0] in '`"'
        assert text[-1] in ".?!"


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_expects_a_verdict(name: str) -> None:
    """Without a verdict is only what no transport of the lab can show yet."""
    assert load(name).verdict is not Verdict.CANT_TELL
    assert load(name).verdict is not Verdict.NOT_TESTED


def test_every_verdict_is_in_both_languages() -> None:
    assert VERDICTS.keys() == set(Verdict)
    assert {verdict: it.english for verdict, it in VERDICTS.items()} == {it: it for it in Verdict}
    assert all(is_korean(it.korean) for it in VERDICTS.values())


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_names_a_notebook(name: str) -> None:
    notebooks = Path(lab.claims.__file__).parents[2] / "notebooks"
    assert (notebooks / f"{load(name).notebook}.ipynb").is_file()


def test_common_beliefs_are_marked() -> None:
    assert {name for name in CLAIMS if load(name).common_belief} == BELIEFS & set(CLAIMS)


def test_an_unknown_claim_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(UnknownClaimError) as refused:
        load("moon")
    assert all(name in str(refused.value) for name in ["moon", *CLAIMS])


@pytest.mark.parametrize(
    ("held", "verdict"),
    [
        ([True, True], Verdict.HOLDS),
        ([True, False], Verdict.DEPENDS),
        ([False, False], Verdict.DOES_NOT_HOLD),
    ],
)
def test_the_verdict_follows_from_where_a_claim_held(held: list[bool], verdict: Verdict) -> None:
    assert verdict_of(held) is verdict


def test_no_observation_gives_no_verdict() -> None:
    with pytest.raises(ValueError, match="nothing was observed"):
        verdict_of([])


def test_everything_missing_is_reported_at_once() -> None:
    needs(None, None)
    with pytest.raises(NotTestable, match=r"^no rocket; no moon$"):
        needs("no rocket", None, "no moon")
