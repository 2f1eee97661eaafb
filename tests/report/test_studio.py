"""The live page's door: what it answers, and whom it refuses."""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from pixforge.preset import load
from pixforge.report.studio.app import MOST_BYTES, create_app
from pixforge.report.studio.bench import MOST_PICTURES, Bench
from tests.report.conftest import drawing

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

pytest.importorskip("flask")
make_server = pytest.importorskip("werkzeug.serving").make_server
TOKEN = "the-key"
LOCAL = "http://127.0.0.1:5000"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench whose presets go to a folder of the test."""
    (tmp_path / "project" / "presets").mkdir(parents=True)
    return Bench(tmp_path / "project", tmp_path / "project" / "presets")


@pytest.fixture
def client(bench: Bench) -> Iterator[FlaskClient]:
    """A browser that has the key."""
    with create_app(bench, TOKEN, {"presets": []}).test_client() as found:
        assert found.get(f"/?token={TOKEN}", base_url=LOCAL).status_code == 302
        yield found


def picture(tmp_path: Path) -> bytes:
    """A drawing as a file's bytes."""
    drawing(tmp_path / "disc.png", (200, 40, 40))
    return (tmp_path / "disc.png").read_bytes()


def added(client: FlaskClient, data: bytes) -> str:
    """The id of a picture put on the bench."""
    answer = client.post("/api/pictures?name=disc.png", data=data, base_url=LOCAL)
    assert answer.status_code == 200
    return str(answer.get_json()["id"])


def converted(
    client: FlaskClient, key: str, values: dict[str, Any], number: int = 1, page: str = "one"
) -> TestResponse:
    """The answer to a wish."""
    wish = {"id": key, "page": page, "number": number, "preset": "character-32", "set": values}
    return client.post("/api/convert", json=wish, base_url=LOCAL)


def test_the_answer_is_what_the_command_line_makes(client: FlaskClient, tmp_path: Path) -> None:
    """The picture on the page is, to the pixel, that of a conversion with the same preset and settings."""
    from pixforge.engine.pipeline import convert_picture
    from pixforge.image.load import load as load_picture

    key = added(client, picture(tmp_path))
    found = converted(client, key, {"palette.colors": 3}).get_json()
    with Image.open(io.BytesIO(base64.b64decode(found["image"]))) as image:
        shown = np.array(image.convert("RGBA"))
    right = convert_picture(load_picture(tmp_path / "disc.png"), load("character-32", {"palette.colors": 3}))
    assert (shown == right.picture.pixels).all()
    assert len(found["palette"]) <= 3
    assert set(found["scores"]) >= {"colour", "silhouette"}


def test_only_a_page_overtakes_itself(client: FlaskClient, tmp_path: Path) -> None:
    """An older wish of the same page is dropped; a second page, whose count is lower, is still answered."""
    key = added(client, picture(tmp_path))
    for page, number, answered in (("one", 50, True), ("one", 49, False), ("two", 1, True), ("one", 51, True)):
        answer = converted(client, key, {}, number, page).get_json()
        assert ("image" in answer) is answered
        assert ("superseded" in answer) is not answered


def test_a_saved_preset_is_one_that_the_command_line_uses(client: FlaskClient, bench: Bench) -> None:
    """Saving writes a file that loads to the same digest; a second time only with `replace`."""
    changes: dict[str, object] = {"grid.height": 40, "outline.mode": "black"}
    wish = {"preset": "character-32", "set": changes}
    answer = client.post("/api/presets/my-hero", json=wish, base_url=LOCAL)
    assert answer.status_code == 200
    path = Path(answer.get_json()["path"])
    assert path == bench.saved / "my-hero.toml"
    assert load(path).digest == load("character-32", changes).digest
    before = path.read_bytes()
    assert client.post("/api/presets/my-hero", json=wish, base_url=LOCAL).status_code == 409
    other = wish | {"set": {"grid.height": 20}}
    assert client.post("/api/presets/my-hero", json=other, base_url=LOCAL).status_code == 409
    assert path.read_bytes() == before
    assert client.post("/api/presets/my-hero", json=other | {"replace": True}, base_url=LOCAL).status_code == 200
    assert load(path).grid.height == 20


@pytest.mark.parametrize("path", ["/", "/studio.js", "/api/options", "/api/presets/character-32"])
def test_nothing_is_told_without_the_key(bench: Bench, path: str) -> None:
    """No token, a wrong one, or one that is not for the first page: refused."""
    client = create_app(bench, TOKEN, {}).test_client()
    for query in ("", "?token=wrong", "?token="):
        answer = client.get(path + query, base_url=LOCAL)
        assert answer.status_code == 403
        assert TOKEN not in answer.get_data(as_text=True)


def test_another_site_is_refused(client: FlaskClient, tmp_path: Path) -> None:
    """A foreign origin, a foreign name for this machine, a request that a foreign page caused: refused."""
    data = picture(tmp_path)
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post("/api/pictures", data=data, headers=headers, base_url=LOCAL)
        assert answer.status_code == 403
    client.set_cookie("pixforge-studio", TOKEN, domain="evil.example")
    assert client.get("/api/options", base_url="http://evil.example:5000").status_code == 403


@pytest.mark.parametrize(
    "name", ["..%2Fevil", "%2e%2e%2fevil", ".hidden", "a%2Fb", "a%5Cb", "evil.toml", "x" * 80, "C:evil"]
)
def test_a_presets_name_never_leaves_its_folder(client: FlaskClient, bench: Bench, name: str, tmp_path: Path) -> None:
    """Names with folders, dots in front, drives or endings are refused; nothing is written anywhere."""
    before = sorted(tmp_path.rglob("*"))
    wish = {"preset": "character-32", "set": {}}
    assert client.post(f"/api/presets/{name}", json=wish, base_url=LOCAL).status_code in (404, 422)
    assert sorted(tmp_path.rglob("*")) == before
    assert not list(bench.saved.iterdir())


def test_the_page_names_no_files(client: FlaskClient, tmp_path: Path) -> None:
    """Presets, palettes, models, styles, LoRAs by path: refused, so that a page cannot make the program read files."""
    key = added(client, picture(tmp_path))
    secret = tmp_path / "secret.gpl"
    secret.write_text("GIMP Palette\n1 2 3\n")
    for values in (
        {"palette.source": str(secret)},
        {"method.model": str(tmp_path)},
        {"method.name": "style", "method.style.style": str(secret)},
        {"method.name": "diffusion", "method.diffusion.lora": [str(secret)]},
        {"method": {"name": "style", "style": {"style": str(secret)}}},
    ):
        assert converted(client, key, values).status_code == 422
        wish = {"preset": "character-32", "set": values}
        assert client.post("/api/presets/stolen", json=wish, base_url=LOCAL).status_code == 422
    wish = {"id": key, "number": 9, "preset": str(secret), "set": {}}
    assert client.post("/api/convert", json=wish, base_url=LOCAL).status_code == 422
    assert client.get("/../pyproject.toml", base_url=LOCAL).status_code == 404


def test_too_much_is_refused(client: FlaskClient) -> None:
    """An upload of two gigabytes is refused by its length, before it is read."""
    said = {"CONTENT_LENGTH": str(2 << 30)}
    answer = client.post("/api/pictures", base_url=LOCAL, data=b"x", environ_overrides=said)
    assert answer.status_code == 413
    assert str(MOST_BYTES >> 20) in answer.get_json()["error"]["cause"]


def test_an_upload_that_hides_its_length_is_cut_off(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent in chunks over a real connection: the limit is all that is taken, nothing is kept, the page goes on."""
    most, took = 1 << 16, []
    add = bench.add
    monkeypatch.setattr(bench, "add", lambda data, name: (took.append(len(data)), add(data, name))[1])
    app = create_app(bench, TOKEN, {})
    app.config["MAX_CONTENT_LENGTH"] = most
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    head = {"Cookie": f"pixforge-studio={TOKEN}", "Host": f"127.0.0.1:{server.server_port}"}
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
        with contextlib.suppress(ConnectionError):
            chunks = iter([bytes(1 << 14)] * 512)
            connection.request("POST", "/api/pictures", body=chunks, headers=head, encode_chunked=True)
            assert connection.getresponse().status in (413, 422)  # too large; or no picture, so far as it was read
        connection.close()
        assert all(size <= most for size in took)
        assert bench.listed() == []
        again = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
        again.request("GET", "/api/options", headers=head)
        assert again.getresponse().status == 200
        again.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_decompression_bomb_is_refused(
    client: FlaskClient, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small file that says it is 60,000 x 60,000 pixels is refused, with a remedy; nothing stays on the disk."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60000, 60000, 8, 6, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = sorted(tmp_path.rglob("*"))
    answer = client.post("/api/pictures", data=bomb, base_url=LOCAL)
    assert answer.status_code == 422
    assert answer.get_json()["error"]["remedy"]
    assert bench.listed() == []
    assert sorted(tmp_path.rglob("*")) == before


def test_what_is_no_picture_is_refused(client: FlaskClient) -> None:
    """With words about the file, and no path of this machine in them."""
    answer = client.post("/api/pictures", data=b"#!/bin/sh\n", base_url=LOCAL)
    assert answer.status_code == 422
    assert "/" not in answer.get_json()["error"]["cause"]
    assert answer.get_json()["error"]["path"] is None


def test_old_pictures_go(client: FlaskClient, tmp_path: Path) -> None:
    """The bench holds a dozen; what was pushed off it says so."""
    data = picture(tmp_path)
    first = added(client, data)
    for _ in range(MOST_PICTURES):
        added(client, data)
    answer = converted(client, first, {})
    assert answer.status_code == 422
    assert "drop it again" in answer.get_json()["error"]["remedy"]


def test_an_older_wish_gives_way(client: FlaskClient, tmp_path: Path) -> None:
    """A wish that is older than the newest is not carried out."""
    key = added(client, picture(tmp_path))
    assert converted(client, key, {}, 7).status_code == 200
    answer = converted(client, key, {}, 6)
    assert answer.get_json() == {"superseded": True}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"set": 3}', b'{"preset": "x", "unknown": 1}', b"{"])
def test_nonsense_is_refused(client: FlaskClient, body: bytes) -> None:
    """Requests that are no wish are answered with an error in JSON."""
    answer = client.post("/api/convert", data=body, content_type="application/json", base_url=LOCAL)
    assert 400 <= answer.status_code < 500
    assert answer.get_json()["error"]["cause"]


def test_the_page_runs_no_foreign_code(client: FlaskClient) -> None:
    """Its policy allows scripts and styles of its own alone, and no other page may hold it in a frame."""
    answer = client.get("/", base_url=LOCAL)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script>" not in answer.get_data(as_text=True)
