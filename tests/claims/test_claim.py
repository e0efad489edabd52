"""The claims as they are written: each with its words in two languages and an expectation."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import lab.claims
from lab.claims import CLAIMS, UnknownClaimError, load
from lab.claims.claim import NotTestable, Verdict, needs, verdict_of

FOLDER = Path(lab.claims.__file__).parent
EXPECTED = [
    "realtime-events",
    "no-library",
    "many-transports",
    "convenient",
    "rooms",
    "never-across",
    "fixed-partner",
    "handshake",
    "fast-lines",
    "built-apart",
    "falls-back",
    "polling-loses-nothing",
    "guaranteed-delivery",
    "slow",
]
BELIEFS = {"falls-back", "polling-loses-nothing", "guaranteed-delivery", "slow"}
"""Said everywhere, but not by the documents."""


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!])\s", text) if part]


def test_every_claim_is_there_in_the_order_in_which_they_are_told() -> None:
    assert list(CLAIMS) == EXPECTED


def test_every_file_that_holds_a_claim_is_listed() -> None:
    holding = {
        path.stem for path in FOLDER.glob("*.py") if "\nCLAIM = Claim(" in path.read_text("utf-8")
    }
    assert {module.removeprefix("lab.claims.") for module in CLAIMS.values()} == holding


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_is_called_as_its_module(name: str) -> None:
    assert CLAIMS[name] == f"lab.claims.{name.replace('-', '_')}"
    assert load(name).name == name
    assert importlib.import_module(CLAIMS[name]).__doc__


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_is_told_in_two_languages(name: str) -> None:
    claim = load(name)
    assert 1 <= len(sentences(claim.english)) <= 2
    assert claim.english.isascii()
    assert re.search(r"[\uac00-\ud7a3]+다\.", claim.korean), "no Korean sentence"
    assert "웹소켓" not in claim.korean, "names are spelled as their standards spell them"
    assert claim.korean[-1] in ".?!"


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_says_what_is_asked_and_why_the_verdict_is_what_it_is(name: str) -> None:
    claim = load(name)
    assert len(sentences(claim.asked)) == 1
    assert 2 <= len(sentences(claim.because)) <= 4
    for text in (claim.english, claim.asked, claim.because):
        assert text[0].isupper() or text[0] in '`"'
        assert text[-1] in ".?!"


@pytest.mark.parametrize("name", CLAIMS)
def test_a_verdict_is_expected(name: str) -> None:
    assert load(name).verdict is not Verdict.NOT_TESTED


def test_common_beliefs_are_told_apart_from_the_documents_claims() -> None:
    assert {name for name in CLAIMS if load(name).common_belief} == BELIEFS & set(CLAIMS)


def test_an_unknown_claim_is_answered_with_those_that_there_are() -> None:
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
def test_what_holds_in_some_places_only_depends(held: list[bool], verdict: Verdict) -> None:
    assert verdict_of(held) is verdict


def test_without_an_observation_there_is_no_verdict() -> None:
    with pytest.raises(ValueError, match="nothing was observed"):
        verdict_of([])


def test_what_is_missing_is_told_all_at_once() -> None:
    needs(None, None)
    with pytest.raises(NotTestable, match=r"^no rocket; no moon$"):
        needs("no rocket", None, "no moon")
