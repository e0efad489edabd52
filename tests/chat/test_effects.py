"""Effects are values: equal by content, and nobody can change one on its way to several outlets."""

from __future__ import annotations

from typing import get_args

import pytest

from lab.chat import effects, events
from lab.chat.effects import Broadcast, Effect, Member


@pytest.mark.parametrize("kind", get_args(Effect))
def test_an_effect_is_frozen(kind: type[Effect]) -> None:
    assert kind.__struct_config__.frozen


def test_a_broadcast_is_for_everybody_unless_it_says_otherwise() -> None:
    typing = events.IsTyping("lab", "ada")
    assert Broadcast("lab", typing).skip is None
    assert Broadcast("lab", typing) != Broadcast("lab", typing, skip=Member(1))
    assert effects.Enter("lab") == effects.Enter("lab")
    assert effects.Enter("lab") != effects.Enter("pub")
