"""`pixforge train style` distils a style into a student, which `convert -m style --model NAME` runs at once."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import torch
from PIL import Image

import pixforge
from pixforge.cli.boundary import run
from pixforge.engine import sessions
from pixforge.errors import MissingDependencyError, SettingsError
from pixforge.methods._style import choice
from pixforge.methods.style import Options
from pixforge.nn.generators import GeneratorOptions
from pixforge.nn.store import open_model, user_folder
from pixforge.nn.style import encoder, weights
from pixforge.nn.style import losses as optimiser_losses
from pixforge.nn.trunk import TrunkOptions
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.train.data.manifest import Entry, write_manifest
from pixforge.train.events import Event, Saved, StepDone
from pixforge.train.student import losses
from pixforge.train.student.choice import choose, to_oklab
from pixforge.train.student.exam import examine
from pixforge.train.student.features import Features
from pixforge.train.student.lessons import NO_ANSWER, Lesson, School
from pixforge.train.student.objective import Objective
from pixforge.train.student.recipe import StudentRecipe
from pixforge.train.student.train import StudentRun, open_student, settled_recipe, train_student

Draw = Callable[..., np.ndarray]
TINY = GeneratorOptions(trunk=TrunkOptions((16, 16, 16), (1, 1, 1), (3, 3, 3)))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, draw: Draw) -> Path:
    """Five drawings of two people."""
    root = tmp_path_factory.mktemp("drawings")
    (root / "pictures").mkdir()
    entries = []
    for number in range(5):
        Image.fromarray(draw(60 + number, 48, number)).save(root / f"pictures/{number}.png")
        size = (48, 60 + number, 0.0, 3, "", "binary", "0")
        words = (f"pictures/{number}.png", "drawing", "ab"[number % 2], "Ann", "CC0-1.0", f"{number}", f"{number}")
        entries.append(Entry(*words, *size, split="train" if number < 4 else "validate"))  # type: ignore[arg-type]
    write_manifest(root, entries)
    return root


@pytest.fixture(scope="module")
def recipe(model: str, style_art: Path) -> StudentRecipe:
    method = Options(style=str(style_art), steps=2)
    small: dict[str, Any] = {"pictures": 3, "longest": (12, 24), "colors": 6, "batch": 2, "seen": 1, "side": 16}
    return StudentRecipe(method, encoder=model, origin="none", generator=TINY, steps=4, **small)


@pytest.fixture(scope="module")
def lessons(recipe: StudentRecipe, data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Lesson]:
    return list(School(recipe, data, tmp_path_factory.mktemp("school")).lessons("train", 3))


@pytest.fixture(scope="module")
def student(data: Path, model: str, style_art: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that the command wrote after two steps."""
    out = tmp_path_factory.mktemp("run")
    command = ["train", "style", "--style", str(style_art), "--data", str(data), "--out", str(out), "--model", model]
    assert run([*command, "--from", "none", "--pictures", "2", "--steps", "2"]) == 0
    return out / "model"


def test_the_command_writes_a_model_into_the_store_that_converts(
    data: Path, model: str, style_art: Path, tmp_path: Path, draw: Draw, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "style", "--style", str(style_art), "--data", str(data), "--out", str(tmp_path), "--json"]
    chosen = ["--model", model, "--from", "none", "--pictures", "2", "--steps", "2", "--name", "greens"]
    assert run([*command, *chosen]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["step"] == 2
    assert document["model"]["path"] == str(user_folder() / "greens")
    assert document["model"]["bytes"] < 3e6
    card = open_model(user_folder() / "greens").card
    assert {"a", "b", "style stripes"} <= {credit.source for credit in card.credits}
    assert card.recipe["method"]["style"] == "stripes"
    assert len(card.recipe["light"]) == 2
    assert str(card.recipe["command"]).startswith("pixforge train style --style ")
    assert {"loss", "loss without a style", "sliced"} <= set(card.scores)
    assert [path.name for path in (tmp_path / "samples").iterdir()] == ["step-0000002.png"]
    for size in ((24, 30), (1, 1), (70, 13)):
        result = pixforge.convert(draw(90, 72), size=size, colors=6, method="style", model="greens")
        result.converted.encode()  # raises where size, palette or alpha are not exact
    assert run([*command, *chosen]) == 8  # the name is taken: said before anything is trained


def test_a_student_needs_no_tensorflow_and_the_optimisation_does(
    student: Path, model: str, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "tensorflow" else find(name))
    sessions._open.cache_clear()
    pixforge.convert(draw(), height=12, method="style", model=str(student))
    with pytest.raises(MissingDependencyError, match="tensorflow"):
        pixforge.convert(draw(), height=12, method="style", model=model)


def test_a_student_leaves_the_drawings_own_cells_where_the_style_has_no_strength(student: Path, draw: Draw) -> None:
    settings = {"method.style.strength": 0.0}
    plain = pixforge.convert(draw(), height=24, colors=6, method="style", model=str(student), settings=settings)
    decided = pixforge.convert(draw(), height=24, palette=_file(plain.palette, student), method="classical")
    assert (plain.picture.pixels != decided.picture.pixels).any(axis=-1).mean() < 0.02  # strays, that either tidies


def _file(palette: Any, beside: Path) -> str:  # noqa: ANN401
    path = beside.parent / "palette.hex"
    path.write_text("\n".join("".join(f"{part:02x}" for part in colour) for colour in palette) + "\n")
    return str(path)


def test_a_student_does_not_draw_and_says_so(student: Path, draw: Draw) -> None:
    with pytest.raises(SettingsError, match="converts only to-pixel"):
        pixforge.convert(draw(12, 12), direction="to-drawing", method="style", model=str(student))


@pytest.mark.parametrize("kind", ["optimisation", "student"])
def test_a_clip_over_a_still_background_does_not_flicker(
    kind: str, student: Path, model: str, style_art: Path, draw: Draw
) -> None:
    """By pixforge's own measure no cell changes whose source does not, while a figure passes by whole cells."""
    backdrop = np.random.default_rng(1).integers(0, 256, (8, 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    frames = []
    for number in range(4):
        frame = np.dstack([backdrop, np.full((64, 64), 255, np.uint8)])
        figure = draw(24, 20)
        inside = figure[..., 3] > 0
        frame[10 : 10 + 24, 4 + 4 * number : 24 + 4 * number][inside] = figure[inside]
        frames.append(frame)
    named = {"model": str(student)} if kind == "student" else {"model": model, "style": str(style_art)}
    settings = {"method.style.steps": 4}
    clip = pixforge.convert_clip(frames, height=16, colors=8, method="style", settings=settings, **named)
    assert clip.flicker == 0
    shown = [picture.pixels for picture in clip.pictures]
    assert not np.array_equal(shown[0], shown[1])  # the figure moves all the same


def test_a_run_that_was_cut_ends_with_the_weights_of_one_that_was_not(
    recipe: StudentRecipe, lessons: list[Lesson], tmp_path: Path
) -> None:
    often = StudentRun("float32", save_steps=2)
    whole = settled_recipe(recipe, tmp_path / "whole")
    events = list(train_student(whole, lessons, lessons[:1], tmp_path / "whole", often))
    assert [event.step for event in events if isinstance(event, StepDone)] == [1, 2, 3, 4]
    cut = train_student(settled_recipe(recipe, tmp_path / "cut"), lessons, [], tmp_path / "cut", often)
    _until(cut, 3)
    cut.close()  # the checkpoint of step 2 is what is left
    again = list(train_student(settled_recipe(recipe, tmp_path / "cut"), lessons, [], tmp_path / "cut", often))
    assert [event.step for event in again if isinstance(event, StepDone)] == [3, 4]
    first, second = (open_student(recipe, tmp_path / name).average.network for name in ("whole", "cut"))
    for name, value in first.state_dict().items():
        assert torch.equal(second.state_dict()[name], value)
    assert not any(isinstance(event, StepDone | Saved) for event in train_student(whole, lessons, [], tmp_path / "cut"))


def _until(events: Any, step: int) -> Event:  # noqa: ANN401
    return next(event for event in events if isinstance(event, StepDone) and event.step == step)


def test_another_recipe_does_not_go_on_with_a_run(recipe: StudentRecipe, tmp_path: Path) -> None:
    settled_recipe(recipe, tmp_path)
    settled_recipe(replace(recipe, steps=recipe.steps + 1), tmp_path)  # a longer run is the same run
    with pytest.raises(SettingsError, match="follows another recipe"):
        settled_recipe(replace(recipe, seed=recipe.seed + 1), tmp_path)


def test_a_student_learns_to_answer_with_other_shades(
    recipe: StudentRecipe, lessons: list[Lesson], tmp_path: Path
) -> None:
    """Taught that every cell has the shade nearest to its own colour, it gives most cells that shade."""
    lesson = lessons[0]
    lab = srgb_to_oklab(lesson.palette)
    gaps = np.square(lab[:, None] - lab).sum(axis=-1) + np.eye(len(lab))
    taught = replace(lesson, answer=gaps.argmin(axis=1).astype(np.uint8)[lesson.own])
    longer = replace(recipe, answers=20.0, steps=30, rate=4e-3, method=replace(recipe.method, strength=0.0, usage=0.0))
    longer = settled_recipe(longer, tmp_path)
    events = train_student(longer, [taught], [], tmp_path, StudentRun("float32"))
    found = [event.losses["answers"] for event in events if isinstance(event, StepDone)]
    assert np.mean(found[-5:]) < 0.6 * np.mean(found[:5])


def test_lessons_are_made_once(
    recipe: StudentRecipe, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = list(School(recipe, data, tmp_path).lessons("train", 2))
    monkeypatch.setattr(School, "_made", None)
    for before, now in zip(first, School(recipe, data, tmp_path).lessons("train", 2), strict=True):
        for name, value in vars(before).items():
            np.testing.assert_array_equal(getattr(now, name), value)


def test_answers_of_the_optimisation_are_entries_of_the_palette_and_can_be_learnt(
    recipe: StudentRecipe, data: Path, tmp_path: Path
) -> None:
    taught = replace(recipe, answers=1.0)
    (one, other) = School(taught, data, tmp_path).lessons("train", 2, taught=1)
    assert one.answer.max() < len(one.palette)
    assert (other.answer == NO_ANSWER).all()
    run = settled_recipe(replace(taught, steps=1), tmp_path)
    (done,) = [event for event in train_student(run, [one], [], tmp_path) if isinstance(event, StepDone)]
    assert done.losses["answers"] > 0
    alone = settled_recipe(replace(taught, steps=1, losses=False), tmp_path / "alone")
    (done,) = [event for event in train_student(alone, [one], [], tmp_path / "alone") if isinstance(event, StepDone)]
    assert set(done.losses) == {"loss", "answers", "gradient"}


def test_the_exam_says_how_often_a_student_answers_as_the_optimisation(
    recipe: StudentRecipe, lessons: list[Lesson], tmp_path: Path
) -> None:
    """Where the optimisation left every cell as it was, the cells without a style are its answer, and cost as much."""
    same = [replace(lesson, answer=lesson.own) for lesson in lessons]
    found = examine(recipe, open_student(recipe, tmp_path).network, same, "float32")
    assert found["as optimised without a style"] == 1
    assert 0 <= found["as optimised"] <= 1
    assert found["loss of the optimisation"] == found["loss without a style"]
    assert "as optimised" not in examine(recipe, open_student(recipe, tmp_path).network, lessons, "float32")


def test_a_data_set_without_drawings_is_refused(recipe: StudentRecipe, tmp_path: Path) -> None:
    write_manifest(tmp_path, [])
    with pytest.raises(SettingsError, match="no drawings to train on"):
        next(School(recipe, tmp_path, tmp_path).lessons("train", 1))


def test_layers_that_the_encoder_lacks_are_named(recipe: StudentRecipe) -> None:
    wrong = replace(recipe, method=replace(recipe.method, style_layers=("conv9_9",)))
    with pytest.raises(SettingsError, match="conv9_9"):
        Objective(wrong, weights.load(recipe.encoder), "float32")


def test_the_choice_is_the_same_in_training_and_in_use() -> None:
    rng = np.random.default_rng(3)
    ramps = np.linspace(0.5, 1, 4)[:, None, None] * np.array([[220, 120, 100], [90, 120, 230]])
    palette = ramps.reshape(8, 3).astype(np.uint8)  # shades of two colours
    own, held = rng.integers(0, 8, (20, 30)), rng.random((20, 30)) < 0.2
    colour = np.clip(palette[own] + rng.normal(0, 40, (20, 30, 3)), 0, 255).astype(np.float32)
    used = choice.entries(colour, palette, own, held)
    placed = torch.from_numpy(srgb_to_oklab(palette))[None]
    planes = torch.from_numpy(colour.transpose(2, 0, 1) / 255)[None]
    likely, hard = choose(planes, placed, torch.from_numpy(own)[None], torch.from_numpy(held)[None])
    assert (hard[0].argmax(dim=0).numpy() != used).mean() < 0.005  # colours as near to one entry as to another
    assert (used[held] == own[held]).all()
    assert (used != own).any()
    torch.testing.assert_close(likely.exp().sum(dim=1), torch.ones(1, 20, 30))
    assert ((used - own) % 2 == 0).all()  # never a shade of the other colour


def test_gradients_pass_through_the_choice() -> None:
    colour = torch.full((1, 3, 2, 2), 0.5, requires_grad=True)
    placed = torch.from_numpy(srgb_to_oklab(np.array([[120, 120, 120], [160, 160, 160]], np.uint8)))[None]
    _, hard = choose(colour, placed, torch.zeros(1, 2, 2, dtype=torch.int64), torch.zeros(1, 2, 2, dtype=torch.bool))
    hard[:, 1].sum().backward()  # type: ignore[no-untyped-call]
    assert colour.grad is not None
    assert (colour.grad > 0).all()


def test_a_colour_that_cannot_be_is_drawn_back_and_never_driven_further_out() -> None:
    """A step against the slope brings it nearer to 0..1, or does nothing; black has no slope that drowns all others."""
    colour = torch.tensor([[-0.4, 0.5, 1.6]]).reshape(1, 1, 1, 3).expand(1, 3, 1, 3).clone().requires_grad_()
    for sign in (1.0, -1.0):
        colour.grad = None
        (sign * to_oklab(colour)[:, 0]).sum().backward()  # type: ignore[no-untyped-call]
        assert colour.grad is not None
        below, within, above = colour.grad[0].sum(dim=0)[0]
        assert below <= 0 <= above
        assert within != 0
    dark = torch.zeros(1, 3, 1, 1, requires_grad=True)
    to_oklab(dark)[:, 0].sum().backward()  # type: ignore[no-untyped-call]
    assert dark.grad is not None
    assert dark.grad.abs().max() < 2


def test_features_and_losses_are_those_of_the_optimisation(model: str) -> None:
    loaded = weights.load(model)
    rng = np.random.default_rng(2)
    picture = rng.random((1, 32, 24, 3), np.float32)
    ours = Features(loaded)(torch.from_numpy(picture.transpose(0, 3, 1, 2)), ["conv2_2", "conv4_1"])
    theirs = encoder.build(loaded, half=False).features(tf.constant(picture), ["conv2_2", "conv4_1"])
    for name, value in ours.items():
        np.testing.assert_allclose(value.permute(0, 2, 3, 1).numpy(), theirs[name].numpy(), rtol=1e-3, atol=1e-4)
    places, wanted = rng.random((40, 5), np.float32), rng.random((40, 5), np.float32)
    directions = rng.random((5, 6), np.float32)
    planes, target = rng.random((6, 7, 3), np.float32), rng.random((6, 7, 3), np.float32)
    weight, chosen = rng.random((6, 7), np.float32), rng.random((6, 7, 4), np.float32)
    down, across, share = rng.random((5, 7), np.float32), rng.random((6, 6), np.float32), rng.random(4, np.float32)

    def turned(array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array.transpose(2, 0, 1).copy())[None]

    def single(array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array)[None]

    gram = rng.random((5, 5), np.float32)
    flat = torch.from_numpy(places), torch.from_numpy(wanted), torch.from_numpy(directions)
    pairs = {
        "gram_difference": (losses.gram_difference(flat[0], torch.from_numpy(gram)), (places, gram)),
        "sliced_distance": (losses.sliced_distance(*flat), (places, wanted, directions)),
        "colour": (losses.colour(turned(planes), turned(target)), (planes, target)),
        "contour": (losses.contour(turned(planes), turned(target), single(weight)), (planes, target, weight)),
        "clusters": (losses.clusters(turned(chosen), single(down), single(across)), (chosen, down, across)),
        "usage": (losses.usage(turned(chosen), single(weight), single(share)), (chosen, weight, share)),
        "content": (losses.content(turned(planes), turned(target)), (planes, target)),
    }
    for name, (found, arguments) in pairs.items():
        wanted_value = float(getattr(optimiser_losses, name)(*map(tf.constant, arguments)))
        assert float(found) == pytest.approx(wanted_value, rel=1e-4), name
