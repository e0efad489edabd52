"""The programs of the chapters pass the linter that a beginner meets: eslint with React's rules."""

from __future__ import annotations

import subprocess

from lab.course.chapters import ROOT
from tests.interop.conftest import needs

WEB = ROOT / "web"
CONDITIONAL = """
import { useEffect, useState } from "react";
export function Broken({ url }) {
  if (url) useState(0);
  useEffect(() => fetch(url), []);
}
"""


def eslint(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = ["npm", "run", "--silent", "--prefix", str(WEB), "check:course", "--", *args]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


def test_a_hook_in_a_condition_is_found() -> None:
    missing = None if (WEB / "node_modules" / "eslint").is_dir() else "run `make web`"
    needs(missing)
    done = eslint("--stdin", "--stdin-filename", "03-react/Broken.jsx", stdin=CONDITIONAL)
    assert done.returncode == 1, done.stderr
    assert "react-hooks/rules-of-hooks" in done.stdout
    assert "react-hooks/exhaustive-deps" in done.stdout
