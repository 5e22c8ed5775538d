"""`python -m sluice`: the command line, where its script is not on PATH."""

from sluice.cli import main

main()
