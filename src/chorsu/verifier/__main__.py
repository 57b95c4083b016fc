"""`python -m chorsu.verifier FILE`."""

from chorsu.verifier.command import main

main()
