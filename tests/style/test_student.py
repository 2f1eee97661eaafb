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
from pixforge.errors import LimitError, MissingDependencyError, SettingsError
from pixforge.evaluate.methods import contender
from pixforge.image.picture import Picture
from pixforge.methods._style.light import light_of
from pixforge.methods._style.pictures import GROUND, style_art
from pixforge.methods._style.planes import (
    OPTIONS,
    PLANES,
    REACH,
    RELAXED,
    Planes,
    chosen,
    planes_of,
    ramps_of,
)
from pixforge.methods._style.relax import Holds, _Slope, relaxed
from pixforge.methods._style.student import StudentSession
from pixforge.methods.contract import Request
from pixforge.methods.style import Options
from pixforge.nn.store import Model, bundled_folder, open_model, user_folder
from pixforge.nn.style import cells, encoder, library, weights
from pixforge.nn.style import losses as optimiser_losses
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.pixel.options import AlphaOptions, CleanupOptions, OutlineOptions
from pixforge.train.data.manifest import Entry, write_manifest
from pixforge.train.events import Event, Saved, StepDone
from pixforge.train.student import losses
from pixforge.train.student.batches import canvases, task_of, turned, wanted_of
from pixforge.train.student.exam import examine
from pixforge.train.student.features import Features
from pixforge.train.student.lessons import Lesson, School
from pixforge.train.student.objective import Objective
from pixforge.train.student.recipe import StudentRecipe
from pixforge.train.student.ship import exported
from pixforge.train.student.train import StudentRun, open_student, settled_recipe, train_student

Draw = Callable[..., np.ndarray]


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
    small: dict[str, Any] = {"pictures": 3, "longest": (12, 24), "colors": 6, "batch": 2, "side": 16, "width": 8}
    return StudentRecipe(method, encoder=model, steps=4, dilations=(1, 2), **small)


@pytest.fixture(scope="module")
def lessons(recipe: StudentRecipe, data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Lesson]:
    return list(School(recipe, data, tmp_path_factory.mktemp("school")).lessons("train", 3))


@pytest.fixture(scope="module")
def student(data: Path, model: str, style_art: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that the command wrote after two steps."""
    out = tmp_path_factory.mktemp("run")
    command = ["train", "style", "--style", str(style_art), "--data", str(data), "--out", str(out), "--model", model]
    assert run([*command, "--pictures", "2", "--steps", "2"]) == 0
    return out / "model"


def test_the_command_writes_a_model_into_the_store_that_converts(
    data: Path, model: str, style_art: Path, tmp_path: Path, draw: Draw, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "style", "--style", str(style_art), "--data", str(data), "--out", str(tmp_path), "--json"]
    asked = ["--model", model, "--pictures", "2", "--steps", "2", "--name", "greens"]
    assert run([*command, *asked]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["step"] == 2
    assert document["model"]["path"] == str(user_folder() / "greens")
    assert document["model"]["bytes"] < 1e6
    card = open_model(user_folder() / "greens").card
    assert {"a", "b", "style stripes"} <= {credit.source for credit in card.credits}
    assert card.recipe["method"]["style"] == "stripes"
    assert len(card.recipe["light"]) == 2
    assert str(card.recipe["command"]).startswith("pixforge train style --style ")
    judged = {"as optimised", "as optimised without a style", "gain, low", "changed as optimised", "sliced"}
    assert judged | {"loss", "loss without a style", "loss of the optimisation"} <= set(card.scores)
    assert [path.name for path in (tmp_path / "samples").iterdir()] == ["step-0000002.png"]
    for size in ((24, 30), (1, 1), (70, 13)):
        result = pixforge.convert(draw(90, 72), size=size, colors=6, method="style", model="greens")
        result.converted.encode()  # raises where size, palette or alpha are not exact
    assert run([*command, *asked]) == 8  # the name is taken: said before anything is trained


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
    often = StudentRun(save_steps=2)
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
    """Taught that every cell has the next darker shade of its own colour, it gives most cells that shade."""
    lesson = lessons[0]
    darker = ramps_of(srgb_to_oklab(lesson.palette))[lesson.own][..., REACH - 1]
    assert (darker >= 0)[lesson.free].mean() > 0.3
    taught = replace(lesson, answer=np.where(darker >= 0, darker, lesson.own).astype(np.uint8))
    longer = settled_recipe(replace(recipe, steps=60, rate=1e-2, dropout=0.0, turned=0.0), tmp_path)
    events = train_student(longer, [taught], [], tmp_path)
    found = [event.losses["as optimised"] for event in events if isinstance(event, StepDone)]
    assert np.mean(found[:3]) < 0.6
    assert np.mean(found[-5:]) > 0.9


def test_lessons_are_made_once(
    recipe: StudentRecipe, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = list(School(recipe, data, tmp_path).lessons("train", 2))
    monkeypatch.setattr(School, "_made", None)
    for before, now in zip(first, School(recipe, data, tmp_path).lessons("train", 2), strict=True):
        for name, value in vars(before).items():
            np.testing.assert_array_equal(getattr(now, name), value)


def test_answers_of_the_optimisation_are_entries_of_the_palette(lessons: list[Lesson]) -> None:
    for lesson in lessons:
        assert lesson.answer.max() < len(lesson.palette)
        assert (lesson.answer == lesson.own)[~lesson.free & lesson.opaque].all()


def test_the_exam_says_how_often_a_student_answers_as_the_optimisation(
    recipe: StudentRecipe, lessons: list[Lesson], tmp_path: Path
) -> None:
    """Where the optimisation left every cell as it was, the cells without a style are its answer, and cost as much."""
    network = open_student(recipe, tmp_path).network
    same = [replace(lesson, answer=lesson.own) for lesson in lessons]
    found = examine(recipe, network, same)
    assert found["as optimised without a style"] == 1
    assert 0 <= found["as optimised"] <= 1
    assert found["changed"] == pytest.approx(1 - found["as optimised"])
    assert found["loss of the optimisation"] == found["loss without a style"]
    assert found["gain, low"] <= found["as optimised"] - 1 <= found["gain, high"]
    assert examine(recipe, network, []) == {}


def test_a_data_set_without_drawings_is_refused(recipe: StudentRecipe, tmp_path: Path) -> None:
    write_manifest(tmp_path, [])
    with pytest.raises(SettingsError, match="no drawings to train on"):
        next(School(recipe, tmp_path, tmp_path).lessons("train", 1))


def test_layers_that_the_encoder_lacks_are_named(recipe: StudentRecipe) -> None:
    wrong = replace(recipe.method, style_layers=("conv9_9",))
    with pytest.raises(SettingsError, match="conv9_9"):
        Objective(wrong, weights.load(recipe.encoder))


def test_a_student_sees_the_same_in_training_and_in_use(
    recipe: StudentRecipe, data: Path, student: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a lesson tells the network is, number by number, what a conversion of the same drawing tells it."""
    asked: list[Request] = []
    made = School._answer
    monkeypatch.setattr(School, "_answer", lambda school, request: asked.append(request) or made(school, request))
    (lesson,) = School(recipe, data, tmp_path).lessons("train", 1)
    model = open_model(student)
    session = StudentSession(recipe.method, model)
    feeds: list[dict[str, Any]] = []

    class Watched:
        def run(self, _: object, feed: dict[str, Any]) -> list[Any]:
            feeds.append(feed)
            return [np.zeros((1, OPTIONS, *feed["planes"].shape[2:]), np.float32)]

    session.__dict__["_network"] = Watched()
    session.convert(asked[0])
    table = model.card.recipe["method"]
    holds = Holds(**{name: table[name] for name in ("contour", "colour", "variation", "usage", "steps", "rate")})
    np.testing.assert_array_equal(feeds[0]["planes"][0], planes_of(lesson, holds).array)
    light = light_of(style_art(recipe.method.style)) * np.float32(recipe.method.light)
    np.testing.assert_array_equal(np.array(model.card.recipe["light"], np.float32), light)


def test_the_network_answers_the_same_in_training_and_in_use(
    recipe: StudentRecipe, lessons: list[Lesson], tmp_path: Path
) -> None:
    """Up to the rounding of half precision, for any size."""
    import onnxruntime

    network = open_student(recipe, tmp_path).network
    torch.nn.init.normal_(network.get_submodule("out").weight)  # type: ignore[arg-type]
    session = onnxruntime.InferenceSession(exported(network))
    for lesson in lessons:
        seen = planes_of(lesson, Holds(steps=2))
        (logits,) = session.run(["out"], {"planes": seen.array[None]})
        with torch.no_grad():
            expected = network.eval()(torch.from_numpy(seen.array)[None])
        np.testing.assert_allclose(logits, expected.numpy(), atol=0.05)


def test_what_needs_no_encoder_descends_the_losses_of_the_optimisation(lessons: list[Lesson]) -> None:
    """Its gradient is TensorFlow's of the same losses, and it ends where they are lower."""
    holds, heat = Holds(contour=0.7, colour=0.4, variation=0.9, usage=1.3, steps=20), np.float32(0.6)
    for lesson in lessons:
        count = len(lesson.palette)
        wanted = np.full(count, 1 / count, np.float32)
        slope = _Slope(lesson, wanted, holds)
        rng = np.random.default_rng(4)
        logits = rng.normal(0, 1, (count, *lesson.own.shape)).astype(np.float32)
        variable = tf.Variable(logits.transpose(1, 2, 0))
        with tf.GradientTape() as tape:
            total = _loss(variable, lesson, wanted, holds, heat)
        expected = tape.gradient(total, variable).numpy().transpose(2, 0, 1) * lesson.free
        np.testing.assert_allclose(slope.at(logits, heat), expected, rtol=2e-3, atol=1e-6)
        start = lesson.likely.astype(np.float32)
        ended = relaxed(lesson, wanted, holds).transpose(1, 2, 0)
        before, after = (_loss(tf.constant(one), lesson, wanted, holds, np.float32(0.15)) for one in (start, ended))
        assert float(after) < float(before)


def _loss(logits: Any, lesson: Lesson, wanted: np.ndarray, holds: Holds, heat: np.float32) -> Any:  # noqa: ANN401
    ground, opaque = np.full(3, GROUND / 255, np.float32), tf.constant(lesson.opaque.astype(np.float32))
    picked = cells.assigned(logits, heat)
    palette = lesson.palette.astype(np.float32) / np.float32(255)
    picture = cells.shown(tf.tensordot(picked, tf.constant(palette), 1), opaque, ground)
    start = np.where(lesson.opaque[..., None], palette[lesson.own], ground)
    down, across, lines, means = (
        tf.constant(one.astype(np.float32)) for one in (lesson.down, lesson.across, lesson.lines, lesson.means)
    )
    return (
        holds.contour * optimiser_losses.contour(picture, tf.constant(start, tf.float32), lines)
        + holds.colour * optimiser_losses.colour(picture, means)
        + holds.variation * optimiser_losses.clusters(picked, down, across)
        + holds.usage * optimiser_losses.usage(picked, opaque, tf.constant(wanted))
    )


def test_a_student_answers_with_shades_of_a_cells_own_colour_and_leaves_lines() -> None:
    rng = np.random.default_rng(3)
    tones = np.linspace(0.5, 1, 4)[:, None, None] * np.array([[220, 120, 100], [90, 120, 230]])
    palette = tones.reshape(8, 3).astype(np.uint8)  # shades of two colours
    ramps = ramps_of(srgb_to_oklab(palette))
    assert (ramps[:, REACH] == np.arange(8)).all()
    own, free = rng.integers(0, 8, (20, 30)), rng.random((20, 30)) < 0.8
    seen = Planes(np.zeros((PLANES, 20, 30), np.float32), ramps[own].transpose(2, 0, 1))
    logits = rng.normal(0, 3, (OPTIONS, 20, 30)).astype(np.float32)
    shares = [(chosen(logits, seen, own, free, share) != own).mean() for share in (0.0, 0.2, 1.0, 2.0)]
    assert shares[0] == 0
    assert shares == sorted(set(shares))  # the stronger, the more cells change
    used = chosen(logits, seen, own, free)
    assert (used[~free] == own[~free]).all()
    assert ((used - own) % 2 == 0).all()  # never a shade of the other colour
    step = np.sign(logits[REACH + 1 :].max(axis=0) - logits[:REACH].max(axis=0))
    brighter = palette[used].sum(axis=-1, dtype=int) - palette[own].sum(axis=-1, dtype=int)
    both = (ramps[own] >= 0).sum(axis=-1) == OPTIONS
    assert (brighter[both] * step[both] >= 0).all()  # later options are lighter


def test_a_drawing_mirrored_along_its_diagonal_is_seen_mirrored(lessons: list[Lesson]) -> None:
    """By all planes, where the order of sums, and so rounding, cannot matter: without steps of the optimisation."""
    for lesson in lessons:
        flipped = replace(
            lesson,
            down=lesson.across.T,
            across=lesson.down.T,
            means=lesson.means.transpose(1, 0, 2),
            likely=lesson.likely.transpose(1, 0, 2),
            **{name: getattr(lesson, name).T for name in ("own", "held", "opaque", "shade", "lines", "answer")},
        )
        straight, mirrored = planes_of(lesson, Holds(steps=0)), planes_of(flipped, Holds(steps=0))
        wanted = wanted_of(lesson, straight)
        planes, answers, barred = turned(straight.array, wanted.astype(np.int64), straight.options < 0)
        np.testing.assert_allclose(mirrored.array, planes, atol=1e-5)
        np.testing.assert_array_equal(wanted_of(flipped, mirrored), answers)
        np.testing.assert_array_equal(mirrored.options < 0, barred)


def test_canvases_are_cut_out_of_lessons_and_depend_on_recipe_and_step_alone(
    recipe: StudentRecipe, lessons: list[Lesson]
) -> None:
    tasks = [task_of(lesson, Holds(steps=2)) for lesson in lessons]
    planes, wanted, barred = canvases(tasks, recipe, 5)
    assert planes.shape == (2, PLANES, 16, 16)
    for one, again in zip((planes, wanted, barred), canvases(tasks, recipe, 5), strict=True):
        assert torch.equal(one, again)
    assert not torch.equal(planes, canvases(tasks, recipe, 6)[0])
    asked = wanted >= 0
    assert asked.any()
    assert not barred.gather(1, wanted.clamp_min(0)[:, None])[:, 0][asked].any()  # an answer is always an option
    assert (planes[:, 1][asked] == 1).all()  # and asked for where a cell may change


def test_a_student_of_other_planes_is_refused(student: Path) -> None:
    model = open_model(student)
    other = Model(model.path, replace(model.card, recipe={**model.card.recipe, "planes": 0}))
    with pytest.raises(SettingsError, match="another version"):
        StudentSession(Options(), other)


def test_a_picture_of_too_many_cells_is_refused(student: Path, draw: Draw) -> None:
    palette = np.array([[0, 0, 0], [255, 255, 255]], np.uint8)
    options = AlphaOptions(), OutlineOptions(), CleanupOptions()
    request = Request(Picture(draw(30, 30)), 1000, 1000, palette, "to-pixel", *options)
    with pytest.raises(LimitError, match="too many"):
        StudentSession(Options(), open_model(student)).convert(request)


def test_the_planes_of_a_drawing_are_finite_and_nothing_outside_it(lessons: list[Lesson]) -> None:
    for lesson in lessons:
        seen = planes_of(lesson, Holds(steps=3))
        assert seen.array.shape == (PLANES, *lesson.own.shape)
        assert np.isfinite(seen.array).all()
        assert not seen.array[:, ~lesson.opaque].any()
        assert np.abs(seen.array).max() < 20
        assert (seen.array[RELAXED][:, lesson.opaque].max(axis=0) <= 0).all()


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


def test_a_student_is_bundled_that_shades_a_drawing_at_once_without_tensorflow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the drawing's own shades; lines, silhouette and most cells are those that the drawing decides by itself."""
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "tensorflow" else find(name))
    sessions._open.cache_clear()
    source = Path(__file__).resolve().parents[2] / "examples" / "adventurer.png"
    asked: dict[str, Any] = {"height": 48, "colors": 16, "method": "style", "model": "dawnlike"}
    made = pixforge.convert(source, **asked)
    made.converted.encode()  # raises where size, palette or alpha are not exact
    plain = pixforge.convert(source, settings={"method.style.strength": 0.0}, **asked)
    shown, own = made.picture.pixels, plain.picture.pixels
    np.testing.assert_array_equal(shown[..., 3], own[..., 3])
    changed = (shown != own).any(axis=-1)[own[..., 3] > 0]
    assert 0.05 < changed.mean() < 0.5
    light, before = (srgb_to_oklab(one[..., :3])[own[..., 3] > 0] for one in (shown, own))
    assert np.abs(light - before)[:, 1:].max() < 0.07  # hue and chroma stay
    assert pixforge.convert(source, **asked).picture.pixels.tobytes() == shown.tobytes()


def test_a_student_is_measured_in_the_one_direction_that_it_has() -> None:
    assert contender("style=dawnlike").restore is None
    assert contender("style=dawnlike").convert is not None
    assert contender("style").restore is not None


def test_the_bundled_student_is_small_and_its_card_says_how_good_it_is_and_from_whom() -> None:
    path = bundled_folder() / "dawnlike"
    assert sum(file.stat().st_size for file in path.iterdir()) < 1e6
    card = open_model(path).card
    assert card.method == "style"
    assert str(card.recipe["command"]).startswith("pixforge train style --style dawnlike --data DIR --out RUN")
    assert card.recipe["style_digest"] == library.find("dawnlike").digest
    assert "style dawnlike" in {credit.source for credit in card.credits}
    assert all(credit.author and credit.licence for credit in card.credits)
    scores = card.scores
    assert scores["gain, low"] > 0  # more cells as the optimisation has them than without a style, surely
    assert scores["loss saved, low"] > 0
    assert scores["loss of the optimisation"] < scores["loss"] < scores["loss without a style"]
