"""Open methods: each is loaded once a process and used for every picture.

Pictures go through one at a time, also through networks: with one thread a worker, ONNX Runtime gains nothing from
batches. Measured with the base generator (1.4 M weights), batches of 4 against single calls, processor time a picture:
7.4 against 7.8 ms at 32 x 32 cells, 31 against 29 ms at 64 x 64, 132 against 124 ms at 128 x 128.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import TYPE_CHECKING

from pixforge.methods import registry

if TYPE_CHECKING:
    from pixforge.methods.contract import Session
    from pixforge.preset import MethodChoice


def get(choice: MethodChoice) -> Session:
    """Return the session of a method with these options and this model, opened now or before.

    Raises:
        MissingDependencyError: the method's packages or model are not installed.
    """
    return _open(choice.name, choice.model, choice.options)


@lru_cache(maxsize=64)
def model_digest(choice: MethodChoice) -> str:
    """Return the digest of the model that a method would use now; "" for one without a model.

    A method module may have `model_digest(options, model) -> str`, which tells without loading the model.

    Raises:
        MissingDependencyError: the method's packages or model are not installed.
    """
    module = registry.require(choice.name, choice.model)
    light = getattr(module, "model_digest", None)
    return str(light(choice.options, choice.model)) if light is not None else get(choice).model_digest


@lru_cache(maxsize=4)  # a model may take gigabytes: an asset tree's presets rarely use more than a few at once
def _open(name: str, model: str, options: Hashable) -> Session:
    return registry.require(name, model).open_session(options, model)
