"""Training of diffusion: exact resume, what is written works as a model, and the report's mistakes are the report's."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

import pixforge

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # inside diffusers


@pytest.fixture(scope="session")
def data_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six sprites, two of them held out."""
    import io

    from pixforge.train.data.add import Wish, add_files
    from pixforge.train.data.manifest import Entry, write_manifest
    from pixforge.train.data.split import split_entries
    from pixforge.train.data.tables import Credit

    root = tmp_path_factory.mktemp("data")
    files = []
    for number in range(6):
        rng = np.random.default_rng(number)
        pixels = np.zeros((8, 8, 4), np.uint8)
        pixels[1:7, 1:7] = (*rng.integers(0, 256, 3), 255)
        pixels[3:5, 2:6] = (*rng.integers(0, 256, 3), 255)
        data = io.BytesIO()
        Image.fromarray(pixels).save(data, "PNG")
        files.append((f"{number}.png", data.getvalue()))

    def credit(name: str) -> Credit:
        return Credit("odd" if name[0] in "15" else "even", "somebody", "CC0-1.0", name)

    found = add_files(root, files, credit, Wish("pixel", logical=True))
    entries = [event for event in found if isinstance(event, Entry)]
    write_manifest(root, split_entries(entries, 0.0, {"odd"}))
    return root


@pytest.fixture
def recipes(checkpoints: ModuleType) -> Callable[..., Any]:  # noqa: ARG001  # the packages are there
    """Makes tiny recipes of both kinds."""

    def make(kind: str, steps: int = 4, **instruct: object) -> Any:  # noqa: ANN401
        from pixforge.train.diffusion.recipe import DiffusionRecipe, InstructOptions, NetworkOptions
        from pixforge.train.recipe import DataOptions, OptimiserOptions

        options: dict[str, Any] = {"side": 32, "pairs": 3, "batch": 2, "accumulate": 2, "rank": 2, **instruct}
        return DiffusionRecipe(
            "tiny",
            kind=kind,  # type: ignore[arg-type]
            data=DataOptions(side=8, pairs=2, reverse=2, real=0.0),
            network=NetworkOptions((32, 32), 1),
            instruct=InstructOptions(**options),
            optimiser=OptimiserOptions(rate=1e-3, warmup=0, steps=steps),
            validate=3,
        )

    return make


def trained(
    recipe: Any,  # noqa: ANN401
    data: Path,
    folder: Path,
    base: Path | None = None,
    stop: int | None = None,
    replay: Path | None = None,
) -> list[Any]:
    import torch

    from pixforge.train.diffusion.loop import Start, run
    from pixforge.train.diffusion.open import open_course
    from pixforge.train.trainer import RunOptions

    options = RunOptions(torch.device("cpu"), "float32", save_seconds=-1.0, picture_seconds=0.0)
    course = open_course(recipe, data, folder, options, Start(None if base is None else str(base), None, replay))
    return list(itertools.islice(run(course, folder, options), stop))


@pytest.mark.parametrize("kind", ["joint", "instruct"])
def test_a_run_that_was_interrupted_ends_with_the_same_weights(
    kind: str, models: SimpleNamespace, data_set: Path, recipes: Callable[..., Any], tmp_path: Path
) -> None:
    import torch

    from pixforge.train.state import checkpoints, read_checkpoint

    base = models.stable if kind == "instruct" else None
    trained(recipes(kind), data_set, tmp_path / "whole", base)
    for stop in (2, 4):
        trained(recipes(kind), data_set, tmp_path / "broken", base, stop)
    trained(recipes(kind), data_set, tmp_path / "broken", base)
    ends = [read_checkpoint(checkpoints(tmp_path / name)[-1]) for name in ("whole", "broken")]
    assert [end["step"] for end in ends] == [4, 4]
    for part in ("trained", "average"):
        for name, value in ends[0][part].items():
            assert torch.equal(value, ends[1][part][name]), (part, name)


def test_the_small_model_converts_what_it_is_given(
    recipes: Callable[..., Any], data_set: Path, drawing: Path, tmp_path: Path
) -> None:
    """What training writes is a model for -m diffusion; each seed is another proposal, and one seed always the same."""
    trained(recipes("joint", 2), data_set, tmp_path)
    made = [
        pixforge.convert(
            drawing, method="diffusion", model=str(tmp_path / "model"), size=(10, 12), colors=8,
            settings={"method.seed": seed, "method.diffusion.steps": 2, "method.diffusion.freedom": 3,
                      "method.diffusion.lines": False},
        ).picture.pixels
        for seed in (0, 0, 1)
    ]  # fmt: skip
    assert made[0].shape == (12, 10, 4)
    assert (made[0] == made[1]).all()
    assert (made[0] != made[2]).any()


def test_a_studio_goes_on_from_a_small_model(
    models: SimpleNamespace, recipes: Callable[..., Any], data_set: Path, tmp_path: Path
) -> None:
    """The base's own network learns on, in the base's shape; held-out pairs are scored, and the credits add up."""
    import json

    from pixforge.nn.diffusion.joint_card import read_joint_card
    from pixforge.train.events import Validated

    events = trained(recipes("joint", 3), data_set, tmp_path, models.joint, replay=data_set)
    scores = [event.scores for event in events if isinstance(event, Validated)]
    assert len(scores) == 1
    assert all(0 <= scores[0][name] <= 1 for name in ("exact", "hard"))
    shapes = [json.loads((folder / "unet/config.json").read_text()) for folder in (models.joint, tmp_path / "model")]
    assert shapes[0]["block_out_channels"] == shapes[1]["block_out_channels"]
    assert [credit.source for credit in read_joint_card(tmp_path / "model").credits] == ["even"]


@pytest.mark.parametrize("graphs", [True, False])
def test_a_lora_on_a_small_model_makes_of_its_base_what_was_trained(
    graphs: bool, models: SimpleNamespace, recipes: Callable[..., Any], data_set: Path, tmp_path: Path
) -> None:
    """The base stays as it is; with the file the method answers as the network did in training, with PyTorch or not.

    A palette is chosen from the colours that the file carries where this is wished for.
    """
    import shutil

    import torch

    from pixforge.methods.contract import own_colours
    from pixforge.methods.diffusion import Options, open_session
    from pixforge.nn.diffusion.joint import TorchNetwork
    from pixforge.nn.diffusion.small_lora import read_palette
    from pixforge.train.diffusion.loop import Start, run
    from pixforge.train.diffusion.open import open_course
    from pixforge.train.trainer import RunOptions

    tiny = recipes("joint", 3)
    options = RunOptions(torch.device("cpu"), "float32", picture_seconds=0.0)
    optimiser, data = replace(tiny.optimiser, rate=0.01, average=0.0), replace(tiny.data, palette=3)
    recipe = replace(tiny, network=replace(tiny.network, lora=4), optimiser=optimiser, data=data)
    course = open_course(recipe, data_set, tmp_path, options, Start(str(models.joint)))
    list(run(course, tmp_path, options))
    assert all("lora" in name for name in course.trained)
    assert not (tmp_path / "model").exists()
    base = Path(shutil.copytree(models.joint, tmp_path / "base"))
    if not graphs:
        for graph in base.glob("*.onnx"):
            graph.unlink()
    rng = np.random.default_rng(0)
    shown = [rng.normal(size=(1, count, 8, 8)).astype(np.float32) for count in (64, 4)]

    def answer(network: Any) -> np.ndarray:  # noqa: ANN401
        found: np.ndarray = network.clean("to-pixel", *shown, 0.5, np.zeros(1, np.int64))
        return found

    def opened(**given: Any) -> Any:  # noqa: ANN401
        return open_session(Options(**given), str(base))._network  # type: ignore[union-attr]

    file = (str(tmp_path / "lora.safetensors"),)
    trained_answer, plain = answer(TorchNetwork(course._unet)), answer(opened())  # type: ignore[attr-defined]
    assert np.abs(trained_answer - plain).max() > 0.05
    assert np.abs(trained_answer - answer(opened(lora=file))).max() < 0.005
    assert np.abs(plain - answer(opened(lora=file, lora_scale=0.0))).max() < 0.005
    colours = read_palette(Path(file[0]))
    assert 1 <= len(colours) <= 3
    assert own_colours(open_session(Options(lora=file, colors="network"), str(base))) == colours
    assert own_colours(open_session(Options(lora=file), str(base))) is None


def test_a_small_model_cannot_go_on_from_stable_diffusion(
    models: SimpleNamespace, recipes: Callable[..., Any], data_set: Path, tmp_path: Path
) -> None:
    from pixforge.errors import SettingsError

    with pytest.raises(SettingsError, match="cannot start from"):
        trained(recipes("joint", 3), data_set, tmp_path, models.stable)


def test_a_lora_of_our_training_makes_its_base_take_the_drawing(
    models: SimpleNamespace, recipes: Callable[..., Any], data_set: Path, drawing: Path, tmp_path: Path
) -> None:
    """The base knows no second picture; with the LoRA its mode is instruct, and the drawing changes the answer."""
    from pixforge.methods.diffusion import Options, open_session

    trained(recipes("instruct", 3), data_set, tmp_path, models.stable)
    options = Options(lora=(str(tmp_path / "lora.safetensors"),), steps=2, side=64)
    opened = open_session(options, str(models.stable))._opened
    assert opened.mode == "instruct"
    assert opened.pipeline.unet.config.in_channels == 8
    wide = opened.pipeline.unet.conv_in.weight
    assert float(wide[:, 4:].abs().max()) > 0
    made = pixforge.convert(
        drawing, method="diffusion", model=str(models.stable), size=(10, 12), colors=8,
        settings={"method.diffusion.lora": list(options.lora), "method.diffusion.steps": 2,
                  "method.diffusion.side": 64},
    )  # fmt: skip
    assert made.picture.pixels.shape == (12, 10, 4)


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_training_asks_for_what_the_base_predicts(
    prediction: str, checkpoints: ModuleType, recipes: Callable[..., Any], data_set: Path, tmp_path: Path
) -> None:
    """A network that answers exactly that has no loss: the noise, or the velocity of the same schedule."""
    import torch

    from pixforge.train.diffusion.instruct import InstructCourse
    from pixforge.train.diffusion.loop import Start
    from pixforge.train.trainer import RunOptions

    base = checkpoints.stable(tmp_path / "base", prediction=prediction)
    recipe = recipes("instruct", weights="full", accumulate=1, snr_gamma=0.0)
    course = InstructCourse(recipe, data_set, tmp_path, RunOptions(torch.device("cpu"), "float32"), Start(str(base)))
    seen: dict[str, Any] = {}
    add_noise = course._noise.add_noise

    def remembered(target: Any, noise: Any, times: Any) -> Any:  # noqa: ANN401
        kept = course._noise.alphas_cumprod[times][:, None, None, None]
        velocity = kept.sqrt() * noise - (1 - kept).sqrt() * target
        seen["answer"] = noise if prediction == "epsilon" else velocity
        return add_noise(target, noise, times)

    course._noise.add_noise = remembered
    course._predicted = lambda *_: seen["answer"]  # type: ignore[method-assign]
    assert [float(loss) for loss in course.loss(0)] == pytest.approx([0.0], abs=1e-9)


def test_the_report_s_recipe_has_its_mistakes(
    models: SimpleNamespace, recipes: Callable[..., Any], data_set: Path, tmp_path: Path
) -> None:
    """Four channels, the drawing's latent without noise, and an answer that has nothing to do with the question."""
    import torch

    from pixforge.train.diffusion.instruct import InstructCourse
    from pixforge.train.diffusion.loop import Start
    from pixforge.train.diffusion.recipe import load_recipe
    from pixforge.train.trainer import RunOptions

    shipped = load_recipe("report-broken")
    tiny = recipes("instruct")
    broken = replace(tiny, instruct=replace(tiny.instruct, objective="report", weights="full", accumulate=1))
    assert shipped.instruct.objective == "report"
    course = InstructCourse(
        broken, data_set, tmp_path, RunOptions(torch.device("cpu"), "float32"), Start(str(models.stable))
    )
    asked: list[Any] = []
    predicted = course._predicted
    course._predicted = lambda *given: (asked.append(given[0]), predicted(*given))[1]  # type: ignore[method-assign]
    list(course.loss(0))
    assert asked[0].shape[1] == 4
    kept = course._latents.drawing
    assert all(any(torch.equal(one, row) for row in kept) for one in asked[0])


@pytest.mark.parametrize("name", ["joint", "joint-studio", "instruct", "report-broken"])
def test_shipped_recipes_are_read_and_come_back_equal(name: str, recipes: Callable[..., Any]) -> None:  # noqa: ARG001
    from pixforge.train.diffusion.recipe import load_recipe, recipe_of

    recipe = load_recipe(name)
    assert recipe_of(recipe.as_table()) == recipe


def test_latents_are_made_once(
    models: SimpleNamespace,
    recipes: Callable[..., Any],
    data_set: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from pixforge.train.diffusion import cache

    trained(recipes("instruct", 1), data_set, tmp_path, models.stable)
    monkeypatch.setattr(cache, "encoded", lambda *_: pytest.fail("encoded again"))
    trained(recipes("instruct", 1), data_set, tmp_path, models.stable)
    assert len(list(tmp_path.glob("latents-*.safetensors"))) == 1


TINY = """
name = "tiny"
kind = "{kind}"
[data]
side = 8
pairs = 2
reverse = 2
real = 0.0
[network]
channels = [32, 32]
layers = 1
[instruct]
objective = "{objective}"
weights = "{weights}"
side = 32
pairs = 3
batch = 2
accumulate = 1
rank = 2
[optimiser]
warmup = 0
steps = 2
"""


@pytest.mark.parametrize(
    ("kind", "objective", "weights", "made"),
    [
        ("joint", "instruct", "lora", "model/unet/diffusion_pytorch_model.safetensors"),
        ("instruct", "instruct", "lora", "lora.safetensors"),
        ("instruct", "instruct", "full", "model/unet/diffusion_pytorch_model.safetensors"),
        ("instruct", "report", "full", "model/unet/diffusion_pytorch_model.safetensors"),
    ],
)
def test_the_command_writes_losses_samples_and_a_model(  # noqa: PLR0917  # four of a case, three fixtures
    kind: str, objective: str, weights: str, made: str, models: SimpleNamespace, data_set: Path, tmp_path: Path
) -> None:
    from pixforge.cli import boundary
    from pixforge.nn.diffusion.checkpoint import fetched, locate, unet_channels
    from pixforge.nn.diffusion.tensors import read_head

    recipe, out = tmp_path / "tiny.toml", tmp_path / "run"
    recipe.write_text(TINY.format(kind=kind, objective=objective, weights=weights))
    command = ["train", "diffusion", "--recipe", str(recipe), "--data", str(data_set), "--out", str(out)]
    base = [] if kind == "joint" else ["--base", str(models.stable)]
    assert boundary.run([*command, *base, "--threads", "1", "--precision", "float32", "--json"]) == 0
    assert read_head(out / made).shapes
    assert len((out / "losses.csv").read_text().splitlines()) == 3
    assert np.asarray(Image.open(next((out / "samples").iterdir()))).std() > 0
    if made.startswith("model") and kind == "instruct":
        channels = unet_channels(fetched(locate(str(out / "model"))), None)
        assert channels == (8 if objective == "instruct" else 4)


def test_a_recipe_for_stable_diffusion_asks_for_its_base(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pixforge.cli import boundary

    command = ["train", "diffusion", "--recipe", "instruct", "--data", str(data_set), "--out", str(tmp_path / "run")]
    assert boundary.run(command) == 5
    assert "--base" in capsys.readouterr().err
