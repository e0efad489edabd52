"""The notebooks and the page's tour: where one says "see it happen", there is such a step."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest

from lab.cli.chat import PORT
from tests.notebooks.test_notebooks import NAMES, ROOT, prose, source

STEPS = re.compile(r"export const STEPS = \[([^\]]+)\]")
LINK = re.compile(r"`make chat`, then open `([^`]+)`")


def steps() -> list[str]:
    """The names of the tour's steps, as its links have them."""
    text = (ROOT / "web" / "src" / "tour" / "steps.ts").read_text(encoding="utf-8")
    (listed,) = STEPS.findall(text)
    return re.findall(r'"([^"]+)"', listed)


def links(name: str) -> list[str]:
    """The addresses at which a notebook's reader can see it happen."""
    return LINK.findall(" ".join("\n".join(prose(source(name))).split()))


@pytest.mark.parametrize("name", NAMES)
def test_a_link_leads_to_a_step_of_the_tour_and_stands_once(name: str) -> None:
    found = links(name)
    assert "\n".join(prose(source(name))).count("/#/tour/") == len(found)
    for link in found:
        address = urlsplit(link)
        assert address.netloc == f"127.0.0.1:{PORT}"
        assert address.fragment.removeprefix("/tour/") in steps()
    assert [link for link, times in Counter(found).items() if times > 1] == []


def test_every_step_is_linked_from_a_notebook() -> None:
    linked = {link.rpartition("/")[2] for name in NAMES for link in links(name)}
    assert linked == set(steps())
