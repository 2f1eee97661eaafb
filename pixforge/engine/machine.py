"""How many processes this machine bears."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pixforge.methods import registry
from pixforge.preset import Preset

# A worker takes about as long to start as a few pictures take to convert.
JOBS_WORTH_A_WORKER: Final = 6
LIGHT_WORKER: Final = 400 << 20  # bytes; a worker of the classical method takes 150-250 MB on ordinary drawings
HEAVY_WORKER: Final = 4 << 30  # a framework with its model, for a method that does not say better
_CGROUP: Final = Path("/sys/fs/cgroup")


def cores() -> int:
    """Return how many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free_memory() -> int | None:
    """Return how many bytes of memory are free for new processes; None where the system does not tell."""
    if sys.platform == "win32":
        return _windows_memory()
    known = [amount for amount in (_linux_memory(), _cgroup_memory()) if amount is not None]
    if known:
        return min(known)
    try:  # macOS: no figure of what is free, so half of all
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (ValueError, OSError):
        return None


def worker_memory(presets: Iterable[Preset]) -> int:
    """Return the bytes that one worker with the methods of these presets needs.

    A method module may say so itself: WORKER_MEMORY, in bytes.
    """
    needs = [LIGHT_WORKER]
    for name in {preset.method.name for preset in presets}:
        module = registry.load(name)
        usual = LIGHT_WORKER if module.EXTRA is None else HEAVY_WORKER
        needs.append(int(getattr(module, "WORKER_MEMORY", usual)))
    return max(needs)


def worker_count(jobs: int, wanted: int | None = None, need: int = LIGHT_WORKER) -> int:
    """Return how many processes to use.

    Args:
        jobs: how many there are to do, as far as is known.
        wanted: what the user said; it is kept, but none is started that has nothing to do.
        need: bytes of memory that one takes.
    """
    if wanted is not None:
        return max(1, min(wanted, jobs))
    memory = free_memory()
    bearable = cores() if memory is None else min(cores(), memory // need)
    return max(1, min(bearable, jobs // JOBS_WORTH_A_WORKER))


def _linux_memory() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(found[0]) * 1024 if found else None


def _cgroup_memory() -> int | None:
    """Return what a container's limit leaves (control groups, version 2)."""
    try:
        limit = (_CGROUP / "memory.max").read_text("ascii").strip()
        used = (_CGROUP / "memory.current").read_text("ascii").strip()
        cache = [line.split()[1] for line in (_CGROUP / "memory.stat").read_text("ascii").splitlines()
                 if line.startswith("inactive_file ")]  # fmt: skip
    except OSError:
        return None
    return None if limit == "max" else max(0, int(limit) - int(used) + int(cache[0] if cache else 0))


def _windows_memory() -> int | None:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "a", "b", "c", "d", "e")),
        ]

    status = Status(length=ctypes.sizeof(Status))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  # absent on other systems, also for the type checker
    return int(status.free) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None
