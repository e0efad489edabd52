"""Runs `lab` again in a user namespace, in which it may open links; see user_namespaces(7)."""

from __future__ import annotations

import os
import sys

from lab.link.kernel import become_able

if __name__ == "__main__":
    become_able()
    os.execv(sys.executable, [sys.executable, "-m", "lab.cli", *sys.argv[1:]])
