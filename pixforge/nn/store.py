"""Where models are: bundled with pixforge, in the user's model store, or at a path."""

from __future__ import annotations

import contextlib
import hashlib
import io
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pixforge import folders
from pixforge.errors import MissingDependencyError, OutputError, SettingsError
from pixforge.nn.card import FILE_NAME, Card, Direction, read_card
from pixforge.typed_toml import closest

Origin = Literal["user", "bundled"]

BUNDLED: Final = "bundled"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # of every file in a zip: the same model gives the same bytes
_LARGEST: Final = 1 << 30  # bytes of one network file; a zip that unpacks to more is refused


@dataclass(frozen=True)
class Found:
    """A model that a name reaches.

    Attributes:
        name: what `method.model` takes.
        path: its folder, or its zip.
        origin: the store it lies in.
        shadowed: whether an earlier store has the same name, so that only the path reaches this one.
    """

    name: str
    path: Path
    origin: Origin
    shadowed: bool = False


@dataclass(frozen=True)
class Model:
    """A model whose card was read; its networks are read at use.

    Attributes:
        path: folder or zip.
        card: what it says about itself.
    """

    path: Path
    card: Card

    def network(self, direction: Direction) -> bytes:
        """Return the ONNX file of a direction.

        Raises:
            SettingsError: the model does not offer the direction, or the file is not the one that the card tells of.
        """
        wanted = self.card.networks.get(direction)
        if wanted is None:
            offered = " and ".join(self.card.networks)
            raise SettingsError(f'model "{self.card.name}" converts only {offered}', "choose another model", self.path)
        return self._checked(wanted.file, wanted.sha256)

    def weights(self, direction: Direction) -> bytes:
        """Return the safetensors file of a direction; its card names one.

        Raises:
            SettingsError: the file is not the one that the card tells of.
        """
        wanted = self.card.networks[direction]
        return self._checked(wanted.weights, wanted.weights_sha256)

    def further(self, name: str) -> bytes:
        """Return a further file; its card names it.

        Raises:
            SettingsError: the file is not the one that the card tells of.
        """
        return self._checked(name, self.card.files[name])

    def _checked(self, name: str, sha256: str) -> bytes:
        data = _read(self.path, name)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise SettingsError(f"{name} is damaged or was changed", "add the model again", self.path)
        return data


def user_folder() -> Path:
    """Return the folder of the user's own models (see `pixforge.folders`)."""
    return folders.of_user("data") / "models"


def bundled_folder() -> Path:
    """Return the folder of the models that come with pixforge, one folder a method."""
    return Path(__file__).resolve().parents[1] / "models"


def search() -> tuple[Found, ...]:
    """Return every model of the stores, the user's first."""
    found: list[Found] = []
    names: set[str] = set()
    for origin, folder in _stores():
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if not _holds_model(path):
                continue
            name = path.stem if path.suffix == ".zip" else path.name
            found.append(Found(name, path, origin, name in names))
            names.add(name)
    return tuple(found)


def find(name: str, method: str) -> Path:
    """Return where a model lies.

    Args:
        name: "bundled" (the one that comes with the method), the name of a model in a store, or the path of a folder
            or zip.
        method: which method asks.

    Raises:
        MissingDependencyError: there is no such model.
    """
    if name == BUNDLED:
        path = bundled_folder() / method
        if not _holds_model(path):
            remedy = "name one with --model, or add one: pixforge models add"
            raise MissingDependencyError(f'no model for method "{method}" comes with this version', remedy)
        return path
    path = Path(name)
    if len(path.parts) > 1 or path.suffix == ".zip" or _holds_model(path):
        if not _holds_model(path):
            raise MissingDependencyError("holds no model", "give the folder with card.json, or a zip of it", path)
        return path
    models = search()
    for model in models:
        if model.name == name:
            return model.path
    match = closest(name, [model.name for model in models])
    hint = f'did you mean "{match}"? ' if match else ""
    raise MissingDependencyError(f'there is no model "{name}"', f"{hint}`pixforge models list` shows all")


def open_model(path: Path) -> Model:
    """Read the card of the model in a folder or zip.

    Raises:
        SettingsError: there is none, or it cannot be used by this version.
    """
    return Model(path, read_card(_read(path, FILE_NAME), path))


def write_model(
    path: Path,
    card: Card,
    networks: Mapping[str, bytes],
    weights: Mapping[str, bytes] | None = None,
    further: Mapping[str, bytes] | None = None,
) -> None:
    """Write a model as a folder, or as one zip if the path ends so; whole or not at all.

    Args:
        path: what must not be there yet.
        card: its card; its network files are those of `networks`.
        networks: the bytes of each direction.
        weights: of the directions whose weights can be trained on, the bytes of their files.
        further: the bytes of the files that the card names besides.

    Raises:
        OutputError: it is there already, or cannot be written.
    """
    files = {FILE_NAME: card.encode()} | {card.networks[name].file: data for name, data in networks.items()}
    files |= {card.networks[name].weights: data for name, data in (weights or {}).items()} | dict(further or {})
    temporary = path.with_name(f".{path.name}.part")
    try:
        if path.exists():
            raise OutputError("is there already", "choose another name, or remove it first", path)
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(temporary)
        if path.suffix == ".zip":
            temporary.write_bytes(_zipped(files))
        else:
            temporary.mkdir()
            for name, data in files.items():
                (temporary / name).parent.mkdir(parents=True, exist_ok=True)
                (temporary / name).write_bytes(data)
        temporary.rename(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # the first error is the one to report
            _remove(temporary)
        raise OutputError(f"cannot be written: {error.strerror}", "check the folder", path) from error


def copy_model(model: Model, path: Path) -> None:
    """Write a checked copy of a model.

    Raises:
        SettingsError: a file of it is damaged.
        OutputError: it cannot be written.
    """
    networks: dict[str, bytes] = {}
    weights: dict[str, bytes] = {}
    for name, network in model.card.networks.items():
        networks[name] = model.network(name)  # type: ignore[arg-type]
        if network.weights:
            weights[name] = model.weights(name)  # type: ignore[arg-type]
    write_model(path, model.card, networks, weights, {name: model.further(name) for name in model.card.files})


def _stores() -> Iterator[tuple[Origin, Path]]:
    yield "user", user_folder()
    yield "bundled", bundled_folder()


def _holds_model(path: Path) -> bool:
    return (path / FILE_NAME).is_file() or (path.suffix == ".zip" and path.is_file())


def _read(path: Path, name: str) -> bytes:
    """One file of a model."""
    remedy = "give the folder with card.json, or a zip of it"
    try:
        if path.suffix != ".zip":
            return (path / name).read_bytes()
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(name).file_size > _LARGEST:
                raise SettingsError(f"{name} is too large for a model", remedy, path)
            return archive.read(name)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise SettingsError(f"{name} of the model cannot be read", remedy, path) from error


def _zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
