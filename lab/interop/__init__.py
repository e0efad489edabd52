"""Connects clients that are not the lab's to every transport's server, and reports the results."""

from __future__ import annotations
