"""`python -m lab.cli`: the command `lab`, where its script is not on the path."""

from lab.cli import main

main(prog_name="lab")
