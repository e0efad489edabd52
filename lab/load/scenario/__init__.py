"""Loads a target with a scenario: its clients, what they send, and what comes back.

The clients are built on the raw driver's frames and connections. A message is found again by its
`{id}`. Where the target's messages have a fixed shape, the id is read at its offset, and nothing is
decoded; every other message is decoded and counts the same.
"""
