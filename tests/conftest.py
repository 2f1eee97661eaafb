"""What holds for every test: reproducible properties, and a user folder that is nobody's."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# No deadline: a busy machine is no failure. Derandomised: a red test is red again.
settings.register_profile("pixforge", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("pixforge")


@pytest.fixture(scope="session", autouse=True)
def _no_user_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Presets in the home folder of whoever runs the tests must not change them."""
    folder = str(tmp_path_factory.mktemp("user"))
    names = ("XDG_CONFIG_HOME", "APPDATA", "XDG_CACHE_HOME", "XDG_DATA_HOME")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, folder))
    yield
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
