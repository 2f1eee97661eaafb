"""Losses: outlines, content, palette, and their worth where an eye sees a difference."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from pixforge.nn.content import (  # noqa: E402  # after the check for torch
    content_loss,
    flatness_loss,
    loose_difference,
    palette_loss,
    shown,
)
from pixforge.nn.outline import connecting, contour_loss, line_map, outline_loss, tone  # noqa: E402


def ring(side: int = 16) -> torch.Tensor:
    """A light square with a dark outline one cell wide, (1, 4, side, side)."""
    out = torch.zeros(1, 4, side, side)
    out[:, :, 3:-3, 3:-3] = torch.tensor([0.1, 0.1, 0.1, 1.0]).view(1, 4, 1, 1)
    out[:, :, 4:-4, 4:-4] = torch.tensor([0.9, 0.7, 0.5, 1.0]).view(1, 4, 1, 1)
    return out


def answer(logical: torch.Tensor) -> torch.Tensor:
    """What to-pixel says if it is sure of this picture."""
    return torch.cat([logical[:, :3], 20 * logical[:, 3:] - 10], dim=1)


def with_cells(logical: torch.Tensor, cells: list[tuple[int, int]]) -> torch.Tensor:
    """The picture with these cells of its outline as light as its inside."""
    out = logical.clone()
    for y, x in cells:
        out[:, :, y, x] = torch.tensor([0.9, 0.7, 0.5, 1.0])
    return out


def test_the_line_map_finds_the_outline_and_nothing_else() -> None:
    logical = ring()
    lines = line_map(tone(logical[:, :3], logical[:, 3:])) > 0.5
    dark = (logical[:, 3:] > 0) & (logical[:, :1] < 0.5)
    assert (lines == dark).sum() >= lines.numel() - 4  # the four corners are dark on two sides only
    assert not (lines & ~dark).any()


def test_cells_that_hold_a_line_together_are_found() -> None:
    """The cells of a plain line connect; a cell inside a thick block, or alone, does not."""
    lines = torch.zeros(1, 1, 7, 9, dtype=torch.bool)
    lines[0, 0, 1, 1:8] = True
    lines[0, 0, 3:6, 3:6] = True
    found = connecting(lines)[0, 0]
    assert found[1, 1:8].all()
    assert not found[3:6, 3:6].any()
    alone = torch.zeros(1, 1, 3, 3, dtype=torch.bool)
    alone[0, 0, 1, 1] = True
    assert not connecting(alone).any()


def test_a_gap_in_an_outline_costs_and_each_further_gap_more() -> None:
    logical = ring()
    gaps = [[], [(3, 7)], [(3, 7), (7, 3)], [(3, x) for x in range(4, 12, 2)]]
    costs = [float(outline_loss(answer(with_cells(logical, cells)), logical)) for cells in gaps]
    assert costs == sorted(costs)
    assert costs[1] > costs[0] + 0.01
    assert costs[3] > costs[0] + 0.05


def test_flat_areas_neither_cost_nor_hide_a_gap() -> None:
    """A small outline on a large ground: the right answer is nearly free, and the same gap costs the same."""
    small, large = ring(), torch.nn.functional.pad(ring(), (40, 40, 40, 40))
    assert outline_loss(answer(large), large) < 0.1
    gap = [float(outline_loss(answer(with_cells(picture, [cell])), picture))
           for picture, cell in ((small, (3, 7)), (large, (43, 47)))]  # fmt: skip
    assert gap[0] == pytest.approx(gap[1], abs=0.02)


def test_a_step_down_the_outline_loss_closes_the_gap() -> None:
    """The gradient points where it should: the open cell becomes darker."""
    logical = ring()
    open_answer = answer(with_cells(logical, [(3, 7)])).requires_grad_()
    outline_loss(open_answer, logical).backward()
    assert open_answer.grad is not None
    assert (open_answer.grad[0, :3, 3, 7] > 0).all()


def test_the_contour_of_a_drawing_may_lie_a_cell_beside() -> None:
    """Without an exact answer a line may move by a cell, but not be missing."""
    logical = ring()
    drawing = logical.repeat_interleave(4, dim=2).repeat_interleave(4, dim=3)
    kept = contour_loss(answer(logical), drawing, 4)
    moved = contour_loss(answer(logical.roll(1, dims=3)), drawing, 4)
    gone = contour_loss(answer(with_cells(logical, [(3, x) for x in range(3, 13)])), drawing, 4)
    assert abs(moved - kept) < 0.1
    assert gone > kept + 0.1


def test_shown_is_hard_and_lets_gradients_through() -> None:
    said = torch.tensor([0.8, 0.4, 0.2, 0.3]).view(1, 4, 1, 1).requires_grad_()
    picture = shown(said)
    assert picture.flatten().tolist() == pytest.approx([0.8, 0.4, 0.2, 1.0])
    picture.sum().backward()
    assert said.grad is not None
    assert said.grad[0, 3] > 0


def test_content_counts_colour_and_not_the_choice_of_cells() -> None:
    """Two cells changing places cost less than a wrong colour."""
    checks = torch.ones(1, 4, 8, 8)
    checks[:, :3, ::2, 1::2] = 0.0
    checks[:, :3, 1::2, ::2] = 0.0
    drawing = checks.repeat_interleave(4, dim=2).repeat_interleave(4, dim=3)
    swapped, darker = checks.roll(1, dims=3), checks * torch.tensor([0.5, 0.5, 0.5, 1]).view(1, 4, 1, 1)
    assert content_loss(checks, drawing, 4) == 0
    assert content_loss(swapped, drawing, 4) < 0.5 * content_loss(darker, drawing, 4)


def test_few_colours_cost_nothing_and_in_between_ones_do() -> None:
    few = answer(ring())
    mixed = few.clone()
    mixed[:, :3, 8, 5:10] += torch.linspace(-0.08, 0.08, 5)
    assert palette_loss(few, 4) < 1e-3
    assert palette_loss(mixed, 2) > palette_loss(few, 2)


def test_flatness_spares_steps() -> None:
    """A clear step is wanted; faint unevenness is not."""
    step = torch.ones(1, 4, 8, 8)
    step[..., 4:] = 0.2
    faint = torch.ones(1, 4, 8, 8)
    faint[:, :3] -= 0.03 * torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    assert flatness_loss(step) < 1e-4
    assert flatness_loss(faint) > 10 * flatness_loss(step)


def test_a_true_pair_may_be_off_by_a_cell() -> None:
    logical = ring()
    assert loose_difference(logical, logical) == 0
    assert loose_difference(logical.roll(1, dims=3), logical) < 0.3 * loose_difference(logical.roll(4, dims=3), logical)
