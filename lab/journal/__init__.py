"""Keeps the commands that change the rooms, in their order, so that a restart loses nothing.

The rooms are a deterministic state machine: the same commands in the same order give the same
rooms. `contract` says what a journal is. `memory` and `sqlite` are journals.
"""
