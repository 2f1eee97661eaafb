"""Discriminators, their games, and what they see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

torch = pytest.importorskip("torch")

from pixforge.nn.adversarial import fooling, gradient_penalty, judging  # noqa: E402  # after the check for torch
from pixforge.nn.augment import augmented  # noqa: E402
from pixforge.nn.discriminators import JudgeOptions, build_judge  # noqa: E402

if TYPE_CHECKING:
    from pixforge.nn.adversarial import Game
    from pixforge.nn.augment import Change

SMALL = JudgeOptions(width=8)
GAMES: tuple[Game, ...] = ("hinge", "least-squares", "cross-entropy")


def pictures(count: int, side: int = 16, seed: int = 0) -> torch.Tensor:
    """Premultiplied noise under a round mask."""
    chance = torch.Generator().manual_seed(seed)
    y, x = torch.meshgrid(*(torch.arange(side) - side / 2,) * 2, indexing="ij")
    alpha = (torch.hypot(y, x) < side / 3).float().expand(count, 1, side, side)
    return torch.cat([torch.rand(count, 3, side, side, generator=chance) * alpha, alpha], dim=1)


def test_a_patch_sees_few_cells_and_every_scale_twice_as_many() -> None:
    """Small fields: the judge learns how cells meet, not what a hero looks like."""
    torch.manual_seed(0)
    judge = build_judge(SMALL).eval()
    picture = pictures(1, 64).requires_grad_()
    reach = []
    for verdict in judge(picture):
        side = int(verdict.shape[1] ** 0.5)
        (slope,) = torch.autograd.grad(verdict[0, side * (side // 2) + side // 2], picture, retain_graph=True)
        rows = slope.abs().sum(dim=(0, 1, 3)).nonzero()
        reach.append(int(rows.max() - rows.min()) + 1)
    assert reach[0] == 10
    assert reach[1] == 20


@pytest.mark.parametrize("kind", ["patch", "patch70"])
@pytest.mark.parametrize("game", GAMES)
def test_a_judge_learns_to_tell_flat_from_noisy(kind: str, game: Game) -> None:
    """And its generator's loss then says so: lower for the real kind."""
    torch.manual_seed(1)
    judge = build_judge(JudgeOptions(kind, 8, (2,), 1))  # type: ignore[arg-type]
    flat, noisy = torch.full((4, 4, 32, 32), 0.5), torch.rand(4, 4, 32, 32)
    optimiser = torch.optim.Adam(judge.parameters(), 3e-3)
    for _ in range(30):
        loss = judging(judge(flat), judge(noisy), game) + 0.01 * gradient_penalty(judge, flat)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert fooling(judge(flat), game) < fooling(judge(noisy), game)


@pytest.mark.parametrize("change", ["colour", "translation", "cutout"])
def test_changes_are_repeatable_and_let_gradients_through(change: Change) -> None:
    picture = pictures(3).requires_grad_()
    first, second = (augmented(picture, (change,), torch.Generator().manual_seed(7)) for _ in range(2))
    assert torch.equal(first, second)
    assert first.shape == picture.shape
    assert not torch.equal(first, picture)
    first.sum().backward()
    assert picture.grad is not None
    assert picture.grad.abs().sum() > 0


def test_colour_changes_keep_equal_colours_equal_and_the_transparent_empty() -> None:
    """A judge of flat areas must not be shown areas that augmentation made uneven."""
    picture = pictures(2)
    picture[:, :3] = 0.4 * picture[:, 3:]
    out = augmented(picture, ("colour",), torch.Generator().manual_seed(3))
    for one, mask in zip(out, picture[:, 3] > 0, strict=True):
        assert (one[:3, mask] - one[:3, mask][:, :1]).abs().max() < 1e-6
        assert (one[:, ~mask] == 0).all()
