"""The same room on each wire as code: how many lines, for which concern; read from the sources.

Nothing is imported or run to be counted: `python` and `javascript` read a file into definitions,
`sources` finds what a definition uses, `concerns` says what each is for, `count` adds up.
"""

from __future__ import annotations
