"""`python -m diagnose`."""

from diagnose.cli import main

main(prog_name="diagnose")
