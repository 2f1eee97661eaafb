"""The command line: it makes arguments for the engine, prints what comes back, and nothing more."""

from __future__ import annotations


def main() -> None:
    """Run the command `pixforge` and end the process with its exit code."""
    import sys

    from pixforge.cli.boundary import run

    sys.exit(run(sys.argv[1:]))
