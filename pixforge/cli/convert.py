"""pixforge convert: single pictures, clips, casts.

JSON: preset {name, path, digest}; outcomes [{source, destination, preview, status, seconds, facts, files, error}] in
the order of the arguments (`pixforge.engine.events.Outcome`); summary {written, unchanged, skipped, planned, failed};
seconds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import click

from pixforge import preset as presets
from pixforge.cli import options
from pixforge.cli.output import Output
from pixforge.cli.progress import frames_bar
from pixforge.cli.report import document, say_outcome, single_exit_code
from pixforge.engine.plan import Anchor, Intake, Job, Kind, plan_files
from pixforge.engine.run import run
from pixforge.preset import Preset


@click.command(short_help="Convert pictures and clips.")
@click.argument("sources", metavar="IN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", required=True, metavar="OUT",
    help="A file for one output (its ending may name the target: .png, .gif, .aseprite, .tres), a folder for several.",
)  # fmt: skip
@click.option("--clip", "kind", flag_value="clip", help="IN are the frames of one clip: a folder, or numbered files.")
@click.option("--cast", "kind", flag_value="cast", help="IN must match: one palette and one scale for all of them.")
@click.option("--cut", "--grid", "cut", type=options.Size(), help="IN are sheets: cut them into frames of WxH pixels.")
@click.option("--pad", type=click.Choice(get_args(Anchor)), help="Put smaller frames so on a canvas of the largest.")
@click.option("--duration", type=click.IntRange(1, 65535), metavar="MS", help="Milliseconds of every frame.")
@click.option(
    "--variants", type=click.IntRange(1, 999), metavar="N",
    help="N proposals each, NAME.1.png and so on, of a method that draws random numbers (diffusion).",
)  # fmt: skip
@options.conversion
@options.manners
@click.pass_obj
def convert(
    output: Output,
    /,
    sources: tuple[Path, ...],
    out: str,
    preset: str,
    settings: tuple[str, ...],
    overwrite: bool | None,
    dry_run: bool,
    kind: Kind | None,
    cut: tuple[int, int] | None,
    pad: Anchor | None,
    duration: int | None,
    variants: int | None,
    **flags: Any,  # noqa: ANN401  # the flags that override the preset, one by one in `options.conversion`
) -> int:
    """Convert pictures and clips as a preset says; flags override the preset.

    A still becomes a PNG. An animation (GIF, APNG, WebP, .aseprite), frames with --clip, and a sheet (cut by --cut, or
    given by its JSON) are clips: one palette for all frames, and no flicker. Without a target a clip becomes a sheet,
    NAME.png, and its data, NAME.json. A source is never overwritten. With one output the exit code is its own; with
    several it is 3 if one failed.

    \b
    pixforge convert walk.gif -o out/                        a sheet and its JSON
    pixforge convert walk.gif -o walk-64.gif                 the ending names the target
    pixforge convert frames/ --clip -o game/hero -t godot    hero.png, hero.tres, hero.tscn
    pixforge convert cast/*.png --cast -o out/               a PNG each, one palette
    """
    output.command = "convert"
    started = time.perf_counter()
    chosen = presets.load(preset, options.overrides(flags, settings))
    if cut is not None and kind is not None:
        raise click.UsageError("--cut excludes --clip and --cast")
    intake = Intake(kind or ("file" if cut is None else "sheet"), cut, pad, duration)
    jobs = plan_sources(sources, out, chosen, intake)
    if variants is not None:
        from pixforge.engine.variants import variants as proposals

        jobs = proposals(jobs, variants)
    outcomes = []
    with frames_bar() as bar:
        for outcome in run(jobs, overwrite, dry_run, bar):
            say_outcome(output, outcome)
            outcomes.append(outcome)
    code = single_exit_code(outcomes)
    output.document(document(chosen, outcomes, time.perf_counter() - started), code)
    return code


def plan_sources(sources: Sequence[Path], out: str, preset: Preset, intake: Intake) -> tuple[Job, ...]:
    """Return the jobs of sources that are no folders, or are one clip or cast; OUT as on the command line.

    Raises:
        OutputError: see `pixforge.engine.plan.plan_files`.
    """
    frames: Sequence[Path] = ()
    if intake.kind in ("clip", "cast") and (len(sources) > 1 or sources[0].is_dir()):
        from pixforge.sheet.sources import files_of

        frames = files_of(sources)
    elif len(sources) == 1 and sources[0].suffix.lower() == ".json":
        from pixforge.sheet.sources import pages_of

        frames = (sources[0], *pages_of(sources[0]))
    count = 1 if intake.kind == "clip" else len(sources)
    folder = intake.kind == "cast" or out.endswith(("/", "\\")) or options.out_is_folder(Path(out), count)
    return plan_files(sources, Path(out), preset, folder, intake, frames)
