"""Breaks connections and servers at random, and judges by the clients' history what was lost."""

from __future__ import annotations
