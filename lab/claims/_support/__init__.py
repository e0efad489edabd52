"""Helpers that the experiments of several claims share."""
