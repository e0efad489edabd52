"""The one error of a target: what is wrong with it, and what helps."""

from __future__ import annotations

__pure__ = True


class TargetError(ValueError):
    """A target can't be used: `problem` says why in one sentence, `hint` what helps, if anything.

    The text has both.
    """

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(f"{problem}: {hint}" if hint else problem)
        self.problem = problem
        self.hint = hint
