"""What holds for every test: reproducible properties, and a user folder that is nobody's."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings

# No deadline: a busy machine is no failure. Derandomised: a red test is red again.
settings.register_profile("pixforge", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("pixforge")


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # behind nohup: programs under test would ignore Ctrl-C as well
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _no_user_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Presets in the home folder of whoever runs the tests must not change them."""
    folder = str(tmp_path_factory.mktemp("user"))
    names = ("XDG_CONFIG_HOME", "APPDATA", "LOCALAPPDATA", "XDG_CACHE_HOME", "XDG_DATA_HOME")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, folder))
    yield
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="session")
def node() -> Callable[..., str]:
    """Run a script of tests/node with the packages that package-lock.json names, and return what it prints."""
    source = Path(__file__).parent / "node"
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("no Node.js")
    lock = (source / "package-lock.json").read_bytes()
    place = Path(__file__).parents[1] / ".test-tools" / f"node-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not place.is_dir():
        # Under a name of its own, then renamed: tests may run in several processes.
        own = place.with_name(f"{place.name}-{os.getpid()}")
        own.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, own / name)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=own, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            shutil.rmtree(own)
            pytest.skip(f"the Node packages cannot be installed: {done.stderr[-300:]}")
        with suppress(OSError):  # another process was faster
            own.rename(place)
        shutil.rmtree(own, ignore_errors=True)

    def run(script: str, *args: Path | str) -> str:
        shutil.copy(source / script, place / script)
        command = ["node", str(place / script), *map(str, args)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def godot_program() -> Path:
    """Return the Godot binary that tests marked `godot` run, or skip them."""
    named = os.environ.get("PIXFORGE_GODOT")
    program = Path(named) if named else Path.home() / ".cache" / "godot46" / "godot"
    if not program.exists():
        pytest.skip("no Godot: name one in PIXFORGE_GODOT")
    return program
