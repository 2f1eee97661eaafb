"""What a run does: its parts, its start from a model, its files."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from pixforge.cli.boundary import run as pixforge  # noqa: E402  # after the check for torch
from pixforge.errors import MissingDependencyError, SettingsError  # noqa: E402
from pixforge.image.picture import Picture  # noqa: E402
from pixforge.nn.discriminators import JudgeOptions  # noqa: E402
from pixforge.nn.generators import DIRECTIONS, GeneratorOptions  # noqa: E402
from pixforge.nn.store import copy_model, open_model  # noqa: E402
from pixforge.nn.trunk import TrunkOptions  # noqa: E402
from pixforge.train.batches import make_batches  # noqa: E402
from pixforge.train.data.store import load_collection  # noqa: E402
from pixforge.train.events import Pictured, Validated  # noqa: E402
from pixforge.train.pairs.true import aligned  # noqa: E402
from pixforge.train.recipe import (  # noqa: E402
    AdversaryOptions,
    DataOptions,
    LossOptions,
    OptimiserOptions,
    Recipe,
    WatchOptions,
    load_recipe,
    recipe_of,
)
from pixforge.train.ship import ship  # noqa: E402
from pixforge.train.start import find_start  # noqa: E402
from pixforge.train.state import chosen_checkpoint, load_state, new_state, read_checkpoint  # noqa: E402
from pixforge.train.step import take_step  # noqa: E402
from pixforge.train.taught import Teacher  # noqa: E402
from pixforge.train.trainer import RunOptions, Sources, train  # noqa: E402

CPU = torch.device("cpu")
TINY = GeneratorOptions(trunk=TrunkOptions(channels=(8, 8), blocks=(1, 1), kernels=(3, 3)))
JUDGE = JudgeOptions(width=4)
RECIPE = Recipe(
    name="tiny",
    data=DataOptions(side=8, pairs=2, reverse=2, longest=(8, 16)),
    to_pixel=TINY,
    to_drawing=TINY,
    adversary=AdversaryOptions(pixel=JUDGE, drawing=JUDGE, start=0, ramp=1),
    optimiser=OptimiserOptions(steps=4, warmup=1),
    watch=WatchOptions(validate=2, canvases=4),
)
QUIET = RunOptions(CPU, picture_seconds=0.0)


def asked(recipe: Recipe, data: dict[str, float], **loss: float) -> Recipe:
    return replace(recipe, data=replace(recipe.data, **data), loss=replace(recipe.loss, **loss))


@pytest.mark.parametrize("name", ["base", "adversarial", "studio", "report-unet", "report-resnet"])
def test_a_shipped_recipe_comes_back_from_a_model(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe_of(json.loads(json.dumps(recipe.as_table()))) == recipe
    assert recipe.name == name


def test_every_part_of_a_recipe_is_finite_and_moves_its_network(data_set: Callable[[], Path], paired_set: Path) -> None:
    """All loss parts at once, both judges; every one is reported and every network changes."""
    parts = {one: 0.1 for one in LossOptions.__dataclass_fields__ if one not in {"remember", "true"}}
    recipe = asked(RECIPE, {"drawings": 2, "art": 2}, **parts)
    state = new_state(recipe, CPU)
    before = {name: [p.clone() for p in net.parameters()] for name, net in state.networks.items()}
    batches = make_batches(recipe, data_set())
    for _ in range(2):
        values = take_step(state, batches.batch(state.step), "float32")
        assert isinstance(values, dict), values
    assert set(parts) <= set(values)
    assert np.isfinite(list(values.values())).all()
    for name, net in state.networks.items():
        assert any(not torch.equal(a, b) for a, b in zip(before[name], net.parameters(), strict=True)), name
    true = asked(RECIPE, {"true": 2}, true=0.1)
    state = new_state(true, CPU)
    values = take_step(state, make_batches(true, paired_set).batch(0), "float32")
    assert isinstance(values, dict)
    assert values["true"] > 0


def test_the_report_trains_at_eight_pixels_a_cell(data_set: Callable[[], Path]) -> None:
    small = GeneratorOptions("resnet", width=4)
    patch = JudgeOptions("patch70", 4)
    recipe = replace(
        load_recipe("report-resnet"),
        data=DataOptions(side=16, pairs=0, reverse=0, drawings=1, art=1, longest=(8, 16)),
        to_pixel=small,
        to_drawing=small,
    )
    recipe = replace(recipe, adversary=replace(recipe.adversary, pixel=patch, drawing=patch))
    state = new_state(recipe, CPU)
    batches = make_batches(recipe, data_set())
    values = [take_step(state, batches.batch(step), "float32") for step in range(2)][1]
    assert isinstance(values, dict)
    assert {"cycle", "identity", "adversarial_pixel", "judge drawing"} <= set(values)


def test_batches_of_the_first_recipe_are_untouched_by_new_wishes(data_set: Callable[[], Path]) -> None:
    """So a run of base goes on as it began."""
    root = data_set()
    plain = make_batches(RECIPE, root).batch(3)
    more = make_batches(asked(RECIPE, {"drawings": 2, "art": 2, "shapes": 1}), root).batch(3)
    for name in ("drawing", "logical", "reverse_drawing", "condition"):
        assert torch.equal(getattr(plain, name), getattr(more, name))
    assert more.real.shape == (2, 4, 32, 32)
    assert len(plain.real) == len(plain.shapes) == 0


def test_a_taught_drawing_and_its_answer_show_the_same_cut(data_set: Callable[[], Path]) -> None:
    """Coverage of the drawing's cells and alpha of the teacher's agree; the answer is kept beside the data."""
    root = data_set()
    recipe = asked(RECIPE, {"drawings": 8, "ground": 0.0}, taught=1.0)
    batch = make_batches(recipe, root).batch(0)
    cover = torch.nn.functional.avg_pool2d(batch.real[:, 3:], 4) > 0.5
    alpha = batch.taught[:, 3:] > 0.5
    assert (cover & alpha).sum() / (cover | alpha).sum() > 0.85
    kept = list((root / "taught").rglob("*.png"))
    assert kept
    drawing = Picture(np.full((8, 8, 4), 255, np.uint8))
    teacher = Teacher(root)
    assert (teacher.answer(drawing, 4, 4).pixels == Teacher(root).answer(drawing, 4, 4).pixels).all()


def test_true_pairs_are_framed_alike_and_only_those_that_agree(paired_set: Path) -> None:
    recipe = asked(RECIPE, {"true": 4, "side": 16}, true=0.1)
    batch = make_batches(recipe, paired_set).batch(0)
    cover = torch.nn.functional.avg_pool2d(batch.true_drawing[:, 3], 4) > 0.5
    assert torch.equal(cover, batch.true_logical[:, 3] > 0.5)
    assert cover.any()
    square, cross = np.full((8, 8, 4), 255, np.uint8), np.zeros((64, 64, 4), np.uint8)
    cross[28:36], cross[:, 28:36] = 255, 255
    assert aligned(cross, square, 0.6) is None
    assert aligned(cross, square, 0.1) is not None
    assert aligned(np.zeros((8, 8, 4), np.uint8), square, 0.0) is None


def test_a_run_writes_what_an_eye_and_a_card_need(data_set: Callable[[], Path], tmp_path: Path) -> None:
    """Samples, credits, losses, event files, and a model whose folder can be trained on."""
    recipe, out = tmp_path / "tiny.toml", tmp_path / "run"
    recipe.write_text(
        'name = "tiny"\n[data]\nside = 8\npairs = 1\nreverse = 1\n[to_pixel.trunk]\nchannels = [8]\nblocks = [1]\n'
        "kernels = [3]\n[to_drawing.trunk]\nchannels = [8]\nblocks = [1]\nkernels = [3]\n[watch]\ncanvases = 4\n"
    )
    data = data_set()
    words = ["train", "cyclegan", "--recipe", str(recipe), "--data", str(data), "--out", str(out), "--steps", "4"]
    assert pixforge([*words, "--threads", "1"]) == 0
    assert len(list((out / "samples").glob("*.png"))) >= 1
    assert (out / "losses.csv").read_text().count("\n") == 5
    assert (out / "scores.csv").read_text().count("\n") == 5
    pytest.importorskip("tensorboardX")
    assert list((out / "tensorboard").glob("events.out.*"))
    card = ship(out, None, tmp_path / "model", "tiny", "1")
    assert sum(credit.pictures for credit in card.credits) == 14
    assert {path.suffix for path in (tmp_path / "model").iterdir()} == {".json", ".onnx", ".safetensors"}


def finished(recipe: Recipe, sources: Sources, folder: Path) -> list[object]:
    return list(train(recipe, sources, folder, QUIET))


def test_fine_tuning_starts_from_a_run_a_model_or_its_copy(data_set: Callable[[], Path], tmp_path: Path) -> None:
    """The first answers are those of the start, its shape counts, and credits of both are named."""
    data = data_set()
    finished(RECIPE, Sources(data), tmp_path / "base")
    ship(tmp_path / "base", None, tmp_path / "model", "tiny", "1")
    copy_model(open_model(tmp_path / "model"), tmp_path / "copy.zip")
    starts = [find_start(str(tmp_path / name)) for name in ("base", "model", "copy.zip")]
    for start in starts:
        for way in DIRECTIONS:
            for name, value in starts[0].weights[way].items():
                assert torch.allclose(start.weights[way][name], value, atol=2e-3)
    studio = replace(load_recipe("studio"), data=replace(RECIPE.data, shapes=1, art=1, drawings=1), watch=RECIPE.watch)
    studio = replace(studio, optimiser=RECIPE.optimiser, adversary=RECIPE.adversary)
    events = finished(studio, Sources(data, start=starts[1]), tmp_path / "tuned")
    assert any(isinstance(event, Validated) for event in events)
    state = load_state(chosen_checkpoint(tmp_path / "tuned"), CPU)
    assert state.recipe.to_pixel == TINY
    assert state.origin.name == "tiny"
    for name, value in state.frozen["to-pixel"].state_dict().items():
        assert torch.equal(value, starts[1].weights["to-pixel"][name])
    tuned = ship(tmp_path / "tuned", None, tmp_path / "tuned-model", "tuned", "1")
    assert tuned.credits == starts[1].origin.credits
    assert not tuned.palette


def test_a_studios_model_carries_the_colours_of_its_sprites(data_set: Callable[[], Path], tmp_path: Path) -> None:
    """All of them are colours of sprites that it learnt from, at most as many as the recipe says."""
    data = data_set()
    finished(replace(RECIPE, data=replace(RECIPE.data, palette=5)), Sources(data), tmp_path / "run")
    card = ship(tmp_path / "run", None, tmp_path / "model", "own", "1")
    sprites = load_collection(data, lambda entry: entry.kind == "pixel" and entry.split == "train")
    pixels = [sprites.pixels(index).reshape(-1, 4) for index in range(len(sprites))]
    known = {f"#{bytes(colour[:3]).hex()}" for some in pixels for colour in some if colour[3]}
    assert 1 < len(card.palette) <= 5
    assert set(card.palette) <= known


def test_a_studio_without_drawings_and_with_replay(data_set: Callable[[], Path], paired_set: Path) -> None:
    """Sprites alone will do; with replay a share of the batch is the base's, but the judges' art is the studio's."""
    from pixforge.train.data.manifest import read_manifest, write_manifest

    data = data_set()
    write_manifest(data, [entry for entry in read_manifest(data) if entry.kind == "pixel"])
    recipe = asked(RECIPE, {"drawings": 2, "art": 2, "shapes": 1, "replay": 0.5}, remember=1.0)
    alone = make_batches(recipe, data).batch(0)
    assert alone.real.shape[0] == 2
    both = make_batches(recipe, data, paired_set).batch(0)
    assert both.drawing.shape == alone.drawing.shape
    assert torch.equal(both.art, alone.art)
    assert not torch.equal(both.drawing, alone.drawing)
    with pytest.raises(SettingsError, match="too few"):
        make_batches(asked(RECIPE, {"drawings": 2}), data)
    with pytest.raises(SettingsError, match="fine-tunes"):
        new_state(recipe, CPU)


def test_nothing_to_start_from_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingDependencyError, match="no model"):
        find_start("no-such-model")
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingDependencyError):
        find_start(str(tmp_path / "empty"))


def test_a_checkpoint_from_before_the_judges_loads(data_set: Callable[[], Path], tmp_path: Path) -> None:
    """Its recipe lacks every newer key; it goes on as it was."""
    finished(RECIPE, Sources(data_set()), tmp_path / "run")
    path = chosen_checkpoint(tmp_path / "run")
    content = read_checkpoint(path)
    old = json.loads(content["recipe"])
    for table, kept in (("data", 8), ("loss", 3)):
        old[table] = {name: old[table][name] for name in list(old[table])[:kept] if name != "outline"}
    for name in ("adversary", "objective"):
        del old[name]
    del content["frozen"], content["origin"]
    torch.save(content | {"recipe": json.dumps(old)}, tmp_path / "old.pt")
    state = load_state(tmp_path / "old.pt", CPU)
    assert set(state.networks) == set(DIRECTIONS)
    assert not state.recipe.loss.taught


def test_samples_are_pictured(data_set: Callable[[], Path], tmp_path: Path) -> None:
    events = list(train(RECIPE, Sources(data_set()), tmp_path / "run", replace(QUIET, picture_seconds=1e9)))
    (pictured,) = [event for event in events if isinstance(event, Pictured)]
    assert pictured.step == 4
    assert pictured.path.stat().st_size > 500


def test_a_later_checkpoint_within_slack_is_chosen(data_set: Callable[[], Path], tmp_path: Path) -> None:
    """A style grows after the score has peaked: the studio's recipe takes the last that is not clearly worse."""
    data = data_set()
    for slack, expected in ((0.0, 2), (1.0, 4)):
        recipe = replace(
            RECIPE, watch=replace(RECIPE.watch, slack=slack), optimiser=OptimiserOptions(rate=0.0, steps=4)
        )
        finished(recipe, Sources(data), tmp_path / f"{slack}")
        assert chosen_checkpoint(tmp_path / f"{slack}").name == f"step-{expected:07d}.pt"
