"""What starting pixforge costs: which packages are imported, and how much processor time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"numpy", "PIL", "torch", "tensorflow", "keras", "onnxruntime", "onnx", "diffusers", "transformers", "dask",
         "distributed", "rich", "resvg_py"}  # fmt: skip
AFTER = "import json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
HELP_SECONDS = 0.3


def _loaded_by(statement: str) -> set[str]:
    """Top-level packages in sys.modules after `statement` in a fresh interpreter."""
    done = subprocess.run([sys.executable, "-c", f"{statement}\n{AFTER}"], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_help_imports_neither_numpy_nor_pillow_nor_a_framework() -> None:
    shown = "from pixforge.cli.boundary import run\nassert run(['--help']) == 0"
    assert _loaded_by(shown) & HEAVY == set()


@pytest.mark.parametrize("module", ["pixforge", "pixforge.preset", "pixforge.errors", "pixforge.pixel.options"])
def test_settings_load_without_numpy(module: str) -> None:
    assert _loaded_by(f"import {module}") & HEAVY == set()


def test_the_head_of_a_method_is_light(root: Path) -> None:
    names = sorted(path.stem for path in (root / "pixforge" / "methods").glob("*.py") if path.stem != "contract")
    imports = "; ".join(f"import pixforge.methods.{name}" for name in names if name != "__init__")
    assert len(names) > 2
    assert _loaded_by(imports) & HEAVY == set()


@pytest.mark.skipif(os.name != "posix", reason="measures processor time of a child by os.wait4")
def test_help_takes_less_than_three_tenths_of_a_second() -> None:
    """Processor time, not the clock's, and the best of five: a busy machine is no failure."""
    seconds = []
    for _ in range(5):
        command = [sys.executable, "-m", "pixforge", "--help"]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0
        seconds.append(usage.ru_utime + usage.ru_stime)
    assert min(seconds) < HELP_SECONDS
