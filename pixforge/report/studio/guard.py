"""Who may speak to the live page: the browser that was opened with the token, from the page itself, on this machine."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from flask import Flask, Response

COOKIE: Final = "pixforge-studio"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def guard(app: Flask, token: str) -> None:
    """Refuse every request that does not come from the page.

    A request needs the token (the first as ?token=, then as a cookie that scripts cannot read and other sites cannot
    send), a Host that means this machine (so that no foreign name can be bent to it), and where the browser tells its
    origin, the page's own.
    """
    from flask import abort, redirect, request
    from werkzeug.wrappers import Response as Answer

    @app.before_request
    def check() -> Answer | None:
        if request.host.rpartition(":")[0] not in ("127.0.0.1", "localhost"):
            abort(403, "this page answers on this machine alone")
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.host}":
            abort(403, "another page asked")
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            abort(403, "another page asked")
        given = request.args.get("token")
        if given is not None and request.path == "/" and hmac.compare_digest(given.encode(), token.encode()):
            answer = redirect("/")
            answer.set_cookie(COOKIE, token, httponly=True, samesite="Strict")
            return answer
        if not hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), token.encode()):
            abort(403, "open the address that pixforge studio printed: it carries the key to this page")
        return None

    @app.after_request
    def protect(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = _POLICY
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"
        return answer
