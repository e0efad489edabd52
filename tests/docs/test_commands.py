"""Every command `lab …` in every document is read by the real parser: options exist, values fit."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from lab.cli import main
from tests.docs.pages import ROOT, documents, text

BLOCK = re.compile(r"^```(?:console|sh|bash|shell)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`(?:\.venv/bin/)?(lab [a-z][^`\n]*)`(?!`)")
ENDS = {"|", "||", "&&", ";", ">", ">>", "2>", "<", "&"}
"""Where a shell's command ends."""
PLACEHOLDER = re.compile(r"\b[A-Z][A-Z_]+\b|…|\.\.\.")
"""A word of a text that stands for a value. Then only names of commands and options are checked."""
IN_BRACKETS = re.compile(r"<\w+>")
"""The same in a block."""
OF_THIS_MACHINE = re.compile(
    r"does not exist|[Nn]o such file|needs |not installed|is not a folder|no run|can't read"
)
"""What is wrong with the machine and not with the command: a file that the reader has to make."""
HISTORY = ROOT / "CHANGELOG.md"


def commands(markdown: str) -> Iterator[tuple[str, bool]]:
    """Each command of a text, and whether it is whole: in a block, and not a mere mention."""
    for block in BLOCK.findall(markdown):
        for line in block.replace("\\\n", " ").splitlines():
            plain = line.strip().removeprefix("$ ").removeprefix(".venv/bin/")
            if plain.startswith("lab "):
                yield plain, True
    for found in INLINE.findall(BLOCK.sub("", markdown)):
        yield found, False


def words(command: str) -> list[str]:
    """The arguments, up to where the shell's next command begins."""
    found = shlex.split(command, comments=True)[1:]
    end = next((at for at, word in enumerate(found) if word in ENDS), len(found))
    return found[:end]


def wrong(command: str, *, whole: bool) -> str | None:
    """What the parser refuses in a command; None if nothing."""
    try:
        _parse(main, words(command), click.Context(main, info_name="lab"))
    except click.exceptions.Exit:
        return None  # --help, --version
    except (click.MissingParameter, click.exceptions.NoArgsIsHelpError) as error:
        return str(error.format_message()) if whole else None
    except click.BadOptionUsage as error:
        return error.format_message() if whole else None
    except click.NoSuchOption as error:
        return error.format_message()
    except click.ClickException as error:
        loose = (IN_BRACKETS if whole else PLACEHOLDER).search(command)
        message = error.format_message()
        return None if loose or OF_THIS_MACHINE.search(message) else message
    return None


def _parse(command: click.Command, arguments: list[str], parent: click.Context) -> None:
    if not isinstance(command, click.Group):
        command.make_context(command.name, list(arguments), parent=parent)
        return
    name, *rest = arguments or [""]
    if name.startswith("-"):
        return
    below = command.get_command(parent, name)
    if below is None:
        if name:
            raise click.NoSuchOption(name, f"there is no command {name}")
        return
    _parse(below, rest, click.Context(below, info_name=name, parent=parent))


def test_every_command_in_every_document_is_one(
    subtests: pytest.Subtests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    seen: dict[tuple[str, bool], str] = {}
    for path in documents():
        if path != HISTORY:
            for one in commands(text(path)):
                seen.setdefault(one, str(path.relative_to(ROOT)))
    assert len(seen) > 150
    for (command, whole), name in seen.items():
        with subtests.test(f"{name}: {command}"):
            assert wrong(command, whole=whole) is None
    assert list(tmp_path.iterdir()) == [], "a parser writes nothing"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("lab trace websocket --nonsense", "nonsense"),
        ("lab trace no-such-transport", "no-such-transport"),
        ("lab trace websocket --says 1000", "1000"),
        ("lab serve", "TRANSPORT"),
        ("lab nothing", "nothing"),
        ("lab course nothing", "nothing"),
        ("lab docs --lang fr", "fr"),
    ],
)
def test_a_wrong_command_is_found(command: str, says: str) -> None:
    assert says in (wrong(command, whole=True) or "")


@pytest.mark.parametrize(
    "command",
    [
        "lab why trace.jsonl",
        "lab list | less",
        "lab code && lab list",
        "lab report # newest",
        "lab --version",
    ],
)
def test_a_right_command_is_not(command: str) -> None:
    assert wrong(command, whole=True) is None


def test_a_mention_may_leave_out_what_a_command_needs() -> None:
    assert wrong("lab serve", whole=False) is None
    assert wrong("lab serve TRANSPORT", whole=False) is None
    assert wrong("lab serve TRANSPORT --nonsense", whole=False) is not None


def test_commands_are_found_in_blocks_and_in_texts() -> None:
    block = "```console\n$ lab list\n.venv/bin/lab trace x \\\n  --full\n```\n"
    markdown = f"{block}Then `lab why`, not `label`.\n"
    assert list(commands(markdown)) == [
        ("lab list", True),
        ("lab trace x    --full", True),
        ("lab why", False),
    ]
