"""Fits the critic of `pixforge evaluate`: python -m benchmarks.critic DATASET OUT.json [SPRITES A SOURCE]."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pixforge.evaluate.critic.fitting import fit_critic
from pixforge.evaluate.critic.samples import gather


def main() -> None:
    """Fit, write, and say how well it does on sources that it never saw."""
    root, out = Path(sys.argv[1]), Path(sys.argv[2])
    critic = fit_critic(gather(root, int(sys.argv[3]) if len(sys.argv) > 3 else 130))
    out.write_bytes(critic.encode())
    print(json.dumps(critic.about, indent=1))


if __name__ == "__main__":
    main()
