"""Losses and scores for TensorBoard, where the package tensorboardX is installed.

It writes the same event files as PyTorch's own writer, which would load the whole of TensorFlow where that is present.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensorboardX import SummaryWriter


class Board:
    """Event files in a folder; without the package tensorboardX nothing happens.

    Args:
        folder: where they go.
        resumed: the step from which the run goes on; what a killed run wrote beyond it does not show.
    """

    def __init__(self, folder: Path, resumed: int) -> None:
        self._writer: SummaryWriter | None = None
        if importlib.util.find_spec("tensorboardX") is not None:
            from tensorboardX import SummaryWriter

            self._writer = SummaryWriter(str(folder), purge_step=resumed + 1)

    def add(self, group: str, step: int, values: dict[str, float]) -> None:
        """Add numbers of a step under a heading."""
        if self._writer is None:
            return
        for name, value in values.items():
            self._writer.add_scalar(f"{group}/{name}", value, step)

    def close(self) -> None:
        """Write what is still held back."""
        if self._writer is not None:
            self._writer.close()
