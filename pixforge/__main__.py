"""`python -m pixforge` is the command `pixforge`."""

from pixforge.cli import main

if __name__ == "__main__":  # worker processes import this module again
    main()
