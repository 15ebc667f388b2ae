"""The command line by `python -m negotiation`, where the program is not on the path."""

from negotiation.cli import main

if __name__ == "__main__":  # pragma: no branch  # nobody imports it
    main(prog_name="negotiation")
