"""Clients other than ours: who connects to which wire's server, and in which words it fails."""

from __future__ import annotations
