"""Runs the command `lab` as `python -m lab.cli`, for where its script is not on the path."""

from lab.cli import main

main(prog_name="lab")
