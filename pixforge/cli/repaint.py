"""pixforge repaint.

JSON: outcomes [{destination, status, seed}], colors.
"""

from __future__ import annotations

from pathlib import Path

import click

from pixforge.cli import options
from pixforge.cli.output import Output

FILE = click.Path(path_type=Path)


@click.command(short_help="Paint a region of a sprite anew.")
@click.argument("sprite", type=FILE)
@click.option("--mask", required=True, metavar="FILE", type=FILE, help="White where it is painted; the sprite's size.")
@click.option("-o", "--out", required=True, metavar="OUT.png", type=FILE, help="The PNG to write.")
@click.option("--model", default="bundled", metavar="MODEL", help="A model at logical resolution: a name or a path.")
@click.option("--palette", metavar="FILE|NAME", help="Colours of the region. Default: the sprite's own.")
@click.option("--variants", type=click.IntRange(1, 999), metavar="N", help="N proposals, OUT.1.png and so on.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, metavar="S")
@click.option("--steps", type=click.IntRange(1, 1000), default=8, show_default=True, metavar="N")
@click.option("--overwrite", is_flag=True, help="Replace any file.")
@options.manners
@click.pass_obj
def repaint(
    output: Output,
    /,
    sprite: Path,
    mask: Path,
    out: Path,
    model: str,
    palette: str | None,
    variants: int | None,
    seed: int,
    steps: int,
    overwrite: bool,
) -> int:
    """Paint what the mask marks anew, as the rest of the sprite suggests; nothing else changes, and no colour is new.

    \b
    pixforge repaint hero.png --mask hat.png -o hero-hat.png --model runs/small/model --variants 6
    """
    import numpy as np

    from pixforge.engine.repaint import own_colours, read_mask, repainted, write_repainted
    from pixforge.image.load import load_frames
    from pixforge.methods.diffusion import Options, open_session
    from pixforge.palettes import registry as palettes

    output.command = "repaint"
    picture = load_frames(sprite)[0].picture
    region, own = read_mask(mask, picture), own_colours(picture)
    colours = np.asarray(palettes.load(palette).colors, np.uint8) if palette else own
    session = open_session(Options(steps=steps), model)
    allowed = np.unique(np.concatenate([own, colours]), axis=0)
    outcomes = []
    for number in range(variants or 1):
        path = out if variants is None else out.with_name(f"{out.stem}.{number + 1}{out.suffix}")
        made = repainted(session, picture, region, colours, (seed + number) % 2**32)
        status = write_repainted(made, path, allowed, session.model_digest, overwrite)
        output.line(f"{path}  {status}")
        outcomes.append({"destination": str(path), "status": status, "seed": (seed + number) % 2**32})
    output.document({"colors": len(colours), "outcomes": outcomes})
    return 0
