"""Scripts in Node: their output, their errors, and that no process stays."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from lab.interop.node import NodeError, node_unavailable, run_node
from tests.interop.conftest import needs
from transports._node import versions as node_versions

PATIENCE_S = 30.0


def script(folder: Path, text: str) -> Path:
    file = folder / "script.mjs"
    file.write_text(text)
    return file


async def test_each_line_is_an_object_and_arguments_arrive(tmp_path: Path) -> None:
    needs(node_unavailable())
    text = """
      import { createRequire } from "node:module";
      const { version } = createRequire(process.env.LAB_NODE_PACKAGES)("ws/package.json");
      for (const word of process.argv.slice(2)) console.log(JSON.stringify({ word }));
      console.error("aside");
      console.log(JSON.stringify({ version }));
    """
    result = await run_node(script(tmp_path, text), "one", "två", timeout_s=PATIENCE_S)
    *words, last = result.lines
    assert words == [{"word": "one"}, {"word": "två"}]
    assert last["version"].startswith("8.")
    assert result.stderr == "aside\n"


async def test_an_error_has_the_output_of_the_script(tmp_path: Path) -> None:
    needs(node_unavailable())
    failing = script(tmp_path, "throw new Error('no such luck');")
    with pytest.raises(NodeError, match=r"(?s)exit code 1.*no such luck"):
        await run_node(failing, timeout_s=PATIENCE_S)


@pytest.mark.parametrize("printed", ["hello", "[1, 2]", "3"])
async def test_output_that_is_no_object_is_an_error(tmp_path: Path, printed: str) -> None:
    needs(node_unavailable())
    talking = script(tmp_path, f"console.log('{printed}');")
    with pytest.raises(NodeError, match="did not print a JSON object"):
        await run_node(talking, timeout_s=PATIENCE_S)


async def test_a_script_that_does_not_end_is_killed(tmp_path: Path) -> None:
    needs(node_unavailable())
    endless = script(tmp_path, "setInterval(() => {}, 1000);")
    with pytest.raises(TimeoutError, match=r"script.mjs did not end within 1 s"):
        await run_node(endless, timeout_s=1)
    children = psutil.Process().children(recursive=True)
    assert not [child for child in children if str(endless) in child.cmdline()]


async def test_without_node_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert node_unavailable() == "needs Node 18 or newer: apt-get install nodejs npm"
    with pytest.raises(NodeError, match="needs Node"):
        await run_node(script(tmp_path, ""), timeout_s=PATIENCE_S)


async def test_without_packages_the_error_says_how_to_install_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    needs(node_unavailable())
    monkeypatch.setattr(node_versions, "HERE", tmp_path)
    reason = node_unavailable()
    assert reason is not None
    assert reason.endswith(f"npm ci --prefix {tmp_path}")
    with pytest.raises(NodeError, match="npm ci"):
        await run_node(script(tmp_path, ""), timeout_s=PATIENCE_S)
