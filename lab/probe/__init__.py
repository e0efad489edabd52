"""Finds out what a running server speaks, without any knowledge of its application.

A probe sends handshakes, the protocols' own packets and nothing that an application would take for
a message. It keeps every byte, so that the ledger can count round trips and bytes.
"""
