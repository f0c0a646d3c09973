"""`python -m symbackprop`."""

from .command_line import main

main()
