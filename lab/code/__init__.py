"""Counts the lines of code of the room on each transport, by concern.

It reads the sources and imports or runs none of them: `python` and `javascript` split a file into
definitions, `sources` finds what a definition uses, `concerns` says what each is for, and `count`
adds up.
"""

from __future__ import annotations
