"""The tour, walked through at several sizes: a step is ticked when it was done, and not before."""

from __future__ import annotations

from typing import Any

import pytest

from tests.page.browser.conftest import Visit
from tests.page.browser.test_race import RACE_MS, set_up
from tests.page.web import Person, Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

DO = ".tour-do"
DONE = ".tour-do[data-done=true]"
SIZES: dict[str, dict[str, Any]] = {
    "1280 px": {"viewport": {"width": 1280, "height": 720}},
    "390 px": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    # Of 1280 x 720.
    "200 %": {"viewport": {"width": 640, "height": 360}, "device_scale_factor": 2},
}
IN_SIGHT = """selector => {
  const box = document.querySelector(selector)?.getBoundingClientRect();
  if (!box) return false;
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  const shares = [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95];
  return top < bottom && shares.some((share) =>
    document.elementFromPoint(box.left + 10, top + share * (bottom - top))?.closest(selector));
}"""
"""Whether some of an element is within the window, with nothing on it."""


class Walk:
    """Somebody on the tour."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.tab = person.tab

    async def on(self, heading: str) -> None:
        """Go to the next step, which is called so."""
        await self.tab.locator(".tour-ways a", has_text="Next").click()
        await self.tab.locator(".tour-card h2", has_text=heading).wait_for(state="attached")
        assert not await self.done()

    async def guess(self) -> str:
        """Guess the first of the numbers; returns it as it is written."""
        button = self.tab.locator(".tour-guesses button").first
        guess = await button.inner_text()
        await button.click()
        await self.tab.locator(f"{DO}[data-phase=do]").wait_for()
        return guess

    async def say(self, text: str) -> None:
        await self.person.say(text)
        await self.person.delivered()

    async def press(self, name: str) -> None:
        await self.tab.locator(DO).get_by_role("button", name=name).click()

    async def cut_and_say(self, text: str) -> str:
        """Say it while the link is cut; if that was too late, say more in another cut.

        Returns what was said in time.
        """
        composer = self.tab.locator(".composer textarea")
        told = self.tab.locator(".tour-away", has_text="you wrote nothing")
        await composer.fill(text)
        await self.press("Cut for 5 s")
        await composer.press("Enter")
        await self.in_sight()
        await self.tab.locator(DONE).or_(told).first.wait_for()
        if await self.done():
            return text
        await composer.fill(f"{text}, at last")
        await self.press("Cut for 5 s")
        await composer.press("Enter")
        return f"{text}, at last"

    async def done(self) -> bool:
        return await self.tab.locator(DONE).count() > 0

    async def seen(self, guess: str, patience_ms: float | None = None) -> None:
        """Wait until the step is ticked: both numbers are there."""
        await self.tab.locator(DONE).wait_for(timeout=patience_ms)
        guessed, measured = await self.tab.locator(".tour-numbers dd").all_inner_texts()
        assert guessed == guess
        assert any(map(str.isdigit, measured)), measured
        await self.in_sight()

    async def in_sight(self, *selectors: str) -> None:
        """The card is there, and with it what these name."""
        for selector in (DO, *selectors):
            assert await self.tab.evaluate(f"!!({IN_SIGHT})({selector!r})"), selector


@pytest.mark.parametrize("size", SIZES)
async def test_every_step_is_done_by_doing_it(
    served: Served, visit: Visit, subtests: pytest.Subtests, size: str
) -> None:
    ada = await visit(breaks=True, **SIZES[size])
    walk = Walk(ada)
    await ada.tab.goto(f"{served.page.url}#/tour/handshake")
    await ada.tab.locator(DO).wait_for()
    await walk.in_sight(".tour-chat", ".tour-transport")

    with subtests.test("handshake"):
        await ada.enter("ada", "websocket", f"tour at {size}")
        assert not await walk.done(), "nobody has guessed"
        guess = await walk.guess()
        assert not await walk.done(), "that handshake was before the guess"
        await walk.press("Connect anew")
        await walk.seen(guess)
        await walk.in_sight(".tour-chat", ".tour-transport")

    with subtests.test("join"):
        await walk.on("A message")
        await walk.say("too early")
        guess = await walk.guess()
        assert not await walk.done()
        await walk.say("hello")
        await walk.seen(guess)

    with subtests.test("polling"):
        await walk.on("Polling")
        guess = await walk.guess()
        await walk.say("not by polling")
        assert not await walk.done(), "a WebSocket doesn't poll"
        await walk.press("Go on by")
        await ada.stands()
        assert not await walk.done(), "nothing was said by polling"
        await walk.say("hello by polling")
        await walk.seen(guess)

    with subtests.test("cut"):
        await walk.on("Cut the link")
        guess = await walk.guess()
        await walk.say("before the cut")
        text = await walk.cut_and_say("while it is away")
        await walk.seen(guess)
        assert (await ada.texts()).count(text) == 1

    with subtests.test("emulate"):
        await walk.on("A server far away")
        guess = await walk.guess()
        await walk.say("from near")
        assert not await walk.done(), "there is no delay"
        await walk.press("100 ms one way")
        await walk.say("from far away")
        await walk.seen(guess)

    with subtests.test("race"):
        await walk.on("Race")
        guess = await walk.guess()
        await set_up(ada, ["websocket", "sse"], 0)
        await ada.tab.get_by_role("button", name="Start the race").click()
        await walk.seen(guess, RACE_MS)
        await ada.tab.locator(".tour-all").wait_for(state="attached")


async def test_a_step_is_linked_to_and_what_was_done_is_remembered(
    served: Served, visit: Visit
) -> None:
    ada = await visit(**SIZES["390 px"])
    walk = Walk(ada)
    await ada.tab.goto(f"{served.page.url}#/tour/nowhere")
    await ada.tab.get_by_text("no step “nowhere”").wait_for()
    await ada.tab.goto(f"{served.page.url}#/tour/join")
    await ada.tab.locator(".tour-card h2", has_text="A message").wait_for()
    guess = await walk.guess()
    await ada.enter("ada", "sse", "remembered")
    # What an on-screen keyboard leaves of a phone.
    await ada.tab.set_viewport_size({"width": 390, "height": 440})
    await ada.tab.locator(".composer textarea").fill("hello")
    await walk.in_sight(".composer textarea")
    await ada.tab.locator(".composer textarea").press("Enter")
    await walk.seen(guess)
    await ada.tab.reload()
    await walk.seen(guess)
    await walk.press("Guess again")
    await ada.tab.locator(f"{DO}[data-phase=guess]").wait_for()
