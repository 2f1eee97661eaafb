"""The live page as a web application. It is served to this machine alone (see `guard`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pixforge.errors import MissingDependencyError, OutputError, PixforgeError
from pixforge.report.render import environment
from pixforge.report.scores import MEANINGS
from pixforge.report.studio.bench import Bench, SupersededError
from pixforge.report.studio.guard import guard

if TYPE_CHECKING:
    from flask import Flask

MOST_BYTES: Final = 64 << 20  # of one upload
_FILES: Final = {"studio.js": "text/javascript", "studio.css": "text/css"}


def create_app(bench: Bench, token: str, options: Mapping[str, Any]) -> Flask:
    """Return the application.

    Args:
        bench: what it works on.
        token: what a browser must know.
        options: presets, methods, palettes, outlines and dithers to choose from, as `pixforge job --describe` has them.

    Raises:
        MissingDependencyError: the web framework is not installed.
    """
    try:
        from flask import Flask
    except ImportError as error:
        raise MissingDependencyError("the live page needs flask", 'pip install "pixforge[studio]"') from error
    app = Flask("pixforge-studio", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    guard(app, token)
    _pages(app)
    _work(app, bench, options)
    _errors(app)
    return app


def _pages(app: Flask) -> None:
    from flask import Response, abort

    @app.get("/")
    def page() -> str:
        return environment().get_template("studio.html").render(meanings=MEANINGS)

    @app.get("/<name>")
    def file(name: str) -> Response:
        if name not in _FILES:
            abort(404)
        return Response(environment().get_template(name).render(), mimetype=_FILES[name])


def _work(app: Flask, bench: Bench, options: Mapping[str, Any]) -> None:
    from flask import Response, jsonify, request

    @app.get("/api/options")
    def choices() -> Response:
        return jsonify({**options, "pictures": bench.listed(), "saved": str(bench.saved)})

    @app.get("/api/presets/<name>")
    def values(name: str) -> Response:
        return jsonify(bench.values(name))

    @app.post("/api/pictures")
    def add() -> Response:
        return jsonify(bench.add(request.get_data(), request.args.get("name", "picture")))

    @app.post("/api/convert")
    def convert() -> Response:
        wish = _wish(request.get_json())
        preset = bench.preset(wish["preset"], wish["set"])
        try:
            return jsonify(bench.convert(str(wish["id"]), preset, int(wish["number"]), str(wish["page"])[:64]))
        except SupersededError:
            return jsonify({"superseded": True})

    @app.post("/api/presets/<name>")
    def save(name: str) -> Response:
        wish = _wish(request.get_json())
        return jsonify({"path": str(bench.save(name, wish["preset"], wish["set"], bool(wish.get("replace"))))})


def _wish(values: Any) -> dict[str, Any]:  # noqa: ANN401  # whatever a client sends
    """Check the form of a request's JSON."""
    from flask import abort

    wanted = {"id": "", "page": "", "number": 0, "preset": "", "set": {}, "replace": False}
    if not isinstance(values, dict) or set(values) - set(wanted):
        abort(400, "an object with preset and set was expected")
    wish = {**wanted, **values}
    if any(not isinstance(wish[name], type(usual)) for name, usual in wanted.items()):
        abort(400, "a value is of another kind than expected")
    return wish


def _errors(app: Flask) -> None:
    from flask import Response, jsonify
    from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

    @app.errorhandler(PixforgeError)
    def known(error: PixforgeError) -> tuple[Response, int]:
        return jsonify({"error": error.as_dict()}), 409 if isinstance(error, OutputError) else 422

    @app.errorhandler(RequestEntityTooLarge)
    def large(_error: RequestEntityTooLarge) -> tuple[Response, int]:
        cause = f"the file is larger than {MOST_BYTES >> 20} MB"
        return jsonify({"error": {"kind": "limit", "cause": cause, "remedy": "use `pixforge convert`"}}), 413

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[Response, int]:
        words = {"kind": "refused", "cause": error.description or error.name, "remedy": ""}
        return jsonify({"error": words}), error.code or 500
