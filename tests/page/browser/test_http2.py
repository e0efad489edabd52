"""The page over TLS chats by streams of HTTP/2 in Chromium; without TLS it says what to run."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from pytest import Subtests

from lab.page.transports import survey
from lab.tls.authority import certified
from tests.page.browser.conftest import BROKEN
from tests.page.web import Person, Served, looking, until

NAMES = [info.name for info in survey(over_tls=True) if info.available and info.http2]


async def has(person: Person, texts: list[str]) -> bool:
    """Whether somebody sees these texts and no others."""
    return sorted(await person.texts()) == sorted(texts)


async def talk(served: Served, transport: str) -> None:
    """Two people talk, one of them by streams of HTTP/2, whose connection is cut once."""
    ada, bob = await served.person(), await served.person()
    await ada.tab.get_by_text("More transports").click()
    await ada.enter("ada", transport, transport)
    await bob.enter("bob", "websocket", transport)
    said = ["from ada", "é" * 200, "from bob"]
    await ada.say(*said[:2])
    await until(partial(has, bob, said[:2]))
    await bob.say(said[2])
    await until(partial(has, ada, said))
    await ada.delivered()
    assert ada.complaints + bob.complaints == []
    assert served.line(transport).counters().undecoded_bytes == 0
    served.line(transport).cut("fin")
    await bob.say("after the cut")
    for person in (ada, bob):
        await until(partial(has, person, [*said, "after the cut"]))
    assert [each for each in ada.complaints if not each.startswith(BROKEN)] == []
    await ada.tab.context.close()
    await bob.tab.context.close()


async def test_people_talk_by_streams_of_http2(tmp_path: Path, subtests: Subtests) -> None:
    with certified() as made:
        async with looking(tmp_path, tls=made.server) as served:
            for name in NAMES:
                with subtests.test(name):
                    await talk(served, name)


@pytest.mark.parametrize("name", NAMES)
def test_without_tls_the_picker_says_what_to_run(name: str) -> None:
    (info,) = [each for each in survey() if each.name == name]
    assert info.reason is not None
    assert "lab chat --tls" in info.reason
