"""pixforge studio: the live page.

JSON: address (with the key), saved (folder of presets); it is written before the page is served.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from pixforge.cli import job_describe, options
from pixforge.cli.output import Output
from pixforge.errors import OutputError, PixforgeError
from pixforge.preset.store import project_folders, user_folder

if TYPE_CHECKING:
    from pixforge.report.studio.bench import Bench

_NULL: Final = "identity"  # for tests: it decides nothing


@click.command(short_help="Open the live page: drop a drawing, move the controls.")
@click.argument("pictures", metavar="[PICTURE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port of the page. Default: any that is free."
)
@click.option("--presets", "saved", type=click.Path(path_type=Path), metavar="DIR", help="Where presets are saved.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@options.manners
@click.pass_obj
def studio(output: Output, pictures: tuple[Path, ...], port: int, saved: Path | None, no_browser: bool) -> int:
    """Serve a page on which drawings are converted while you move the controls.

    Drop a drawing, move size, palette, dither, outline and method, save them as a preset. The page answers on this
    machine alone, to the browser that knows its key. Ctrl-C ends it. Presets go to presets/ of the project, if there
    is such a folder, else to the user's own.
    """
    from pixforge.image.load import load
    from pixforge.report.studio.bench import Bench

    output.command = "studio"
    own = project_folders(Path.cwd())
    bench = Bench(Path.cwd(), saved or (own[0] if own else user_folder()))
    for path in pictures:
        bench.keep(load(path, first_frame=True), path.name)
    return _serve(output, bench, port, no_browser)


def _serve(output: Output, bench: Bench, port: int, quiet: bool) -> int:
    from pixforge.report.studio.app import create_app

    token = secrets.token_urlsafe(24)
    app = create_app(bench, token, described(bench.folder))
    from werkzeug.serving import make_server

    try:
        server = make_server("127.0.0.1", port, app, threaded=True)
    except (OSError, SystemExit) as error:
        raise OutputError(f"port {port} cannot be used", "choose another --port, or none") from error
    address = f"http://127.0.0.1:{server.server_port}/?token={token}"
    try:  # from here on Ctrl-C is the way to end it, however early it comes
        output.line(f"{address}\nCtrl-C ends it.")
        output.document({"address": address, "saved": str(bench.saved)})
        if not quiet:
            click.launch(address)
        server.serve_forever()
    except KeyboardInterrupt:
        output.note("ended")
    return 0


def described(folder: Path) -> dict[str, Any]:
    """Return what the page offers: as for host programs, and whether each method can work now."""
    values = job_describe.describe(folder)
    for method in values["methods"]:
        method["usable"] = not method["missing"] and _opens(str(method["name"]))
    values["methods"] = [method for method in values["methods"] if method["name"] != _NULL]
    return values


def _opens(name: str) -> bool:
    """Whether a method has what it needs, and answers at once: one that waits for a framework is no live method."""
    from pixforge.engine import sessions
    from pixforge.methods import registry
    from pixforge.preset import MethodChoice

    module = registry.load(name)
    if module.EXTRA is not None:
        return False
    try:
        sessions.get(MethodChoice(name, "bundled", 0, module.Options()))
    except PixforgeError:
        return False
    return True
