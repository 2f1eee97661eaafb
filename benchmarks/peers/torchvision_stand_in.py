"""PixelOE imports torchvision for one function, and torchvision's binary loads only beside the torch it was built for.

Where it does not load, this provides the function, so that PixelOE can be measured: it gains a little start-up time.
"""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import torch
from PIL import Image


def provide_torchvision() -> None:
    """Put a stand-in in sys.modules if the real torchvision cannot be imported."""
    try:
        import torchvision  # noqa: F401  only to see whether it loads
    except (ImportError, RuntimeError):
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        functional = ModuleType("torchvision.transforms.functional")
        functional.to_tensor = _to_tensor  # type: ignore[attr-defined]
        for name in ("torchvision", "torchvision.transforms"):
            sys.modules[name] = ModuleType(name)
        sys.modules[functional.__name__] = functional


def _to_tensor(picture: Image.Image) -> torch.Tensor:
    array = np.array(picture, np.float32) / 255
    return torch.from_numpy(np.atleast_3d(array)).permute(2, 0, 1)
