"""`lab weigh`: one sentence, one table, a picture, JSON, and files that can't be weighed."""

from __future__ import annotations

import io
import json
from pathlib import Path

import matplotlib.image as images
import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.weigh.framing import CARRIERS, CODECS
from lab.weigh.messages import MOST_BYTES

QUICK = ("--passes", "5")


def lab(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["weigh", *arguments], terminal_width=10_000)


def test_a_file_is_weighed(tmp_path: Path) -> None:
    file, picture, numbers = (tmp_path / name for name in ("m.jsonl", "w.png", "w.json"))
    file.write_text('{"text": "hello", "seq": 1}\n\n{"text": "hello", "seq": 2}\n')
    result = lab(str(file), *QUICK, "--picture", str(picture), "--json", str(numbers))
    assert result.exit_code == 0, result.output
    assert result.output.startswith("Compression with a kept context ")
    assert "m.jsonl, 2 messages" in result.output
    assert all(carrier.name in result.output for carrier in CARRIERS)
    assert len(result.output.splitlines()) <= 40, "one screen"
    assert max(map(len, result.output.splitlines()[2:25])) <= 140

    found = json.loads(numbers.read_text())
    assert found["answer"] == result.output.splitlines()[0]
    assert {(row["codec"], row["transport"]) for row in found["rows"]} == {
        (codec, carrier.name) for codec in CODECS for carrier in CARRIERS
    }
    plain, *compressed = [row for row in found["rows"] if row["transport"] == "websocket"][:3]
    assert plain["payload_bytes"] == len('{"text":"hello","seq":1}'), "as JSON.stringify writes it"
    assert plain["framing_bytes"] == 2
    for row in compressed:
        assert row["compress_us"]["passes"] == 5
        assert row["compress_us"]["low"] <= row["compress_us"]["median"]
    height, width, _ = images.imread(io.BytesIO(picture.read_bytes()), format="png").shape
    assert width == 1500 and height > 500


def test_a_sample_with_several_settings_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    shown = []
    for name in ("one.json", "two.json"):
        settings = ("--window", "9", "--window", "15", "--level", "1", "--mem-level", "5")
        sample = ("--sample", "log", "--bytes", "100", "--count", "9", "--seed", "4")
        result = lab(*sample, *settings, *QUICK, "--json", str(tmp_path / name))
        assert result.exit_code == 0, result.output
        assert "window 9, level 1" in result.output
        rows = json.loads((tmp_path / name).read_text())["rows"]
        shown.append([(row["compression"], row["total_bytes"]) for row in rows])
    assert shown[0] == shown[1]
    windows = {compression["window"] for compression, _ in shown[0] if compression}
    assert windows == {9, 15}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "can't be read: No such file"),
        (b"", "there is no message in it"),
        (b'{"a": 1}\noops\n', "line 2 is no JSON"),
        (b" " * (MOST_BYTES + 5), "more than 8 MiB"),
    ],
    ids=["no file", "empty", "no JSON", "too long"],
)
def test_a_file_that_can_t_be_weighed(tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "m.jsonl"
    if content is not None:
        file.write_bytes(content)
    result = lab(str(file), "--json", str(tmp_path / "w.json"))
    assert (result.exit_code, says in result.output) == (2, True), result.output
    assert not (tmp_path / "w.json").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "give a FILE of messages, or --sample KIND, and not both"),
        (["m.jsonl", "--sample", "chat"], "and not both"),
        (["m.jsonl", "--count", "5"], "--bytes and --count are for a --sample"),
        (["--sample", "chat", "--bytes", "1048576", "--count", "9"], "too many: at most 8"),
        (["--sample", "chat", "--json", "/no/such/folder/w.json"], "does not exist"),
    ],
    ids=["nothing", "both", "count of a file", "too much", "no folder"],
)
def test_what_does_not_fit_together_is_refused(arguments: list[str], says: str) -> None:
    result = lab(*arguments)
    assert (result.exit_code, says in result.output) == (2, True), result.output
