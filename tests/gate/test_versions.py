"""Which packages the two sides have, read from the command line."""

from __future__ import annotations

import pytest

from lab.gate.versions import Pin, normalised, parse


def test_two_versions_of_a_package() -> None:
    base, candidate = parse("websockets==15.0,websockets==17.4")
    assert base.pins == (Pin("python", "websockets", "websockets==15.0"),)
    assert candidate.pins == (Pin("python", "websockets", "websockets==17.4"),)
    assert (base.text, candidate.text) == ("websockets==15.0", "websockets==17.4")


def test_packages_of_both_kinds_in_one_side() -> None:
    base, candidate = parse("npm:ws@8.18.0 npm:@socket.io/x@1.0.0-rc.1, A_b[c,d]==1!2.0.post1+x")
    assert [pin.requirement for pin in base.of("npm")] == ["ws@8.18.0", "@socket.io/x@1.0.0-rc.1"]
    assert base.of("python") == []
    assert candidate.of("python") == [Pin("python", "a-b", "A_b[c,d]==1!2.0.post1+x")]


def test_a_wheel_is_named_without_its_path() -> None:
    base, candidate = parse("wheels/tiny_one-1.0-py3-none-any.whl,tiny-one==2.0")
    (pin,) = base.pins
    assert (pin.name, pin.requirement) == ("tiny-one", "wheels/tiny_one-1.0-py3-none-any.whl")
    assert base.text == "tiny_one-1.0-py3-none-any.whl"
    assert candidate.pins[0].name == pin.name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not have two sides"),
        ("a==1", "does not have two sides"),
        ("a==1,", "does not have two sides"),
        ("a==1,b==2,c==3", "does not have two sides"),
        ("a>=1,a==2", "'a>=1' has no exact version"),
        ("a,a==2", "'a' has no exact version"),
        ("npm:ws,npm:ws@8", "'npm:ws' has no exact version"),
        ("npm:ws@^8.0.0,npm:ws@8.1.0", "'npm:ws@^8.0.0' has no exact version"),
        ("a==1 A==2,a==3", "one side has a twice"),
        ("a==1,a==1", "both sides are the same"),
        ("a==*,a==2", "'a==*' has no exact version"),
        ("--pre,a==2", "has no exact version"),
        ("-e.==1,a==2", "has no exact version"),
    ],
)
def test_what_is_allowed_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"exact version|two sides|twice|same") as raised:
        parse(text)
    assert said in str(raised.value)


def test_names_are_compared_as_the_index_compares_them() -> None:
    assert normalised("Python_SocketIO..x") == "python-socketio-x"
