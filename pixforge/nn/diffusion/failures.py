"""What goes wrong inside PyTorch, diffusers and downloads, as errors with a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError

from pixforge.errors import MissingDependencyError, PixforgeError, SettingsError

_MEMORY: Final = ("out of memory", "not enough memory", "can't allocate memory", "invalid buffer size")
_OFFLINE: Final = (
    "LocalEntryNotFoundError", "OfflineModeIsEnabled", "ConnectionError", "ConnectError", "ConnectTimeout",
    "ReadTimeout", "ProxyError", "MaxRetryError", "NameResolutionError",
)  # fmt: skip
_UNKNOWN: Final = ("RepositoryNotFoundError", "GatedRepoError", "EntryNotFoundError", "RevisionNotFoundError")


@contextmanager
def explained(what: str, path: Path | None = None) -> Iterator[None]:
    """Turn what these packages raise into errors of pixforge; errors that are no known failure pass.

    Args:
        what: the model, as the user named it.
        path: where it lies, if that is known.

    Raises:
        MissingDependencyError: it would have to be downloaded, and cannot be.
        SettingsError: memory is short, or its files do not fit together.
    """
    try:
        yield
    except PixforgeError:
        raise
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        raise explanation(error, what, path) from error


def explanation(error: BaseException, what: str, path: Path | None) -> PixforgeError:
    """Return the error to show for one that was raised while a model was loaded or run."""
    chain = list(_chain(error))
    names = [type(one).__name__ for one in chain]
    if any(_is_memory(one) for one in chain):
        return out_of_memory()
    if any(name in _OFFLINE for name in names):
        return MissingDependencyError(
            f'"{what}" is not on this machine, and the hub cannot be reached',
            "connect to the network, or download it elsewhere and give the folder or the .safetensors file",
        )
    if any(name in _UNKNOWN for name in names):
        return MissingDependencyError(
            f'"{what}" is not on the hub, or not open to everybody',
            "check the name; accept its terms on the hub and log in, or download it and give the folder",
        )
    text = str(error).strip() or type(error).__name__
    return SettingsError(
        f'model "{what}" cannot be loaded or run: {text.splitlines()[0][:300]}',
        "check that all of its parts come from one model; `-v` shows more",
        path,
    )


def out_of_memory() -> SettingsError:
    """Return the error of a device whose memory is too small for the model and the size of the picture."""
    return SettingsError(
        "the model needs more memory than there is",
        'in [method.diffusion] set memory = "low" (or "offload" with a GPU), a smaller side, or dtype = "float16"',
    )


def _is_memory(error: BaseException) -> bool:
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error).lower() for word in _MEMORY)


def _chain(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or one.__context__
