"""The command line: it makes arguments for the engine, prints what comes back, and nothing more."""

from __future__ import annotations


def main() -> None:
    """Run the command `pixforge` and end the process with its exit code."""
    import os
    import sys

    # NumPy's threads cost a fifth of a conversion's processor time and gain nothing: its products here are small.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from pixforge.cli.boundary import run

    sys.exit(run(sys.argv[1:]))
