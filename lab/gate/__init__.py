"""Builds the two sides of a gate: an environment each, with one version of what is compared."""
