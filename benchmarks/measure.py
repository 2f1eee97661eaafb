"""Run one command and print its seconds, processor seconds, peak memory and exit code as JSON.

A program of its own, because a child's peak on Linux starts at its parent's size: this parent is small.

    python -I -S benchmarks/measure.py OUTPUT_FILE COMMAND...
"""

from __future__ import annotations

import json
import os
import sys
import time


def main() -> None:
    """Start COMMAND with stdout and stderr in OUTPUT_FILE, wait, report."""
    output, command = sys.argv[1], sys.argv[2:]
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    streams = [(os.POSIX_SPAWN_DUP2, descriptor, 1), (os.POSIX_SPAWN_DUP2, descriptor, 2)]
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=streams)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - start
    scale = 1 if sys.platform == "darwin" else 1024
    report = {
        "seconds": seconds,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss * scale / 1e6,
        "code": os.waitstatus_to_exitcode(status),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
