"""A download ends with the published file at its place or with nothing there, whatever the server does."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from guiapp.errors import UserFacingError
from guiapp.potentials import mace
from guiapp.potentials.download import Patience, download

CONTENT = b"PK\x03\x04" + np.random.default_rng(1).bytes(700_000)
HASH = hashlib.sha256(CONTENT).hexdigest()
IMPATIENT = Patience(silence=0.5, tries=3, pause=0.01)


class Server:
    """A loopback server whose behaviour a test replaces; it remembers the requests."""

    def __init__(self) -> None:
        self.behave: Callable[[BaseHTTPRequestHandler], None] = send_whole
        self.requests: list[tuple[str, str | None]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.requests.append((self.path, self.headers.get("Range")))
                self.close_connection = True
                outer.behave(self)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, path: str = "/some.model") -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}{path}"


def answer(handler, status: int, body: bytes, announced: int | None = None, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body) if announced is None else announced))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)
    handler.wfile.flush()


def send_whole(handler, etag: str = '"one"', content: bytes = CONTENT) -> None:
    """Behave as a proper server does, ranges included."""
    wanted = handler.headers.get("Range")
    if wanted and handler.headers.get("If-Range") == etag:
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        answer(handler, 206, content[start:], ETag=etag, Content_Range=f"bytes {start}-{len(content) - 1}/{len(content)}")
    else:
        answer(handler, 200, content, ETag=etag)


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    one = Server()
    yield one
    one.http.shutdown()
    one.http.server_close()


@pytest.fixture
def target(tmp_path) -> Path:
    return tmp_path / "models" / "some.model"


def fetch(server: Server, target: Path, **options) -> str:
    return download(server.url(), target, **{"sha256": HASH, "starts_with": b"PK", "patience": IMPATIENT, **options})


def left_behind(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


def test_a_file_arrives_whole_and_progress_is_told(server, target):
    told: list[tuple[int, int | None]] = []
    assert fetch(server, target, progress=lambda done, total: told.append((done, total))) == HASH
    assert target.read_bytes() == CONTENT
    assert left_behind(target) == ["some.model"]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_a_broken_connection_goes_on_where_it_stopped(server, target):
    def break_once(handler) -> None:
        if handler.headers.get("Range") is None:
            answer(handler, 200, CONTENT[:300_000], announced=len(CONTENT), ETag='"one"')
        else:
            send_whole(handler)

    server.behave = break_once
    assert fetch(server, target) == HASH
    assert [wanted for _, wanted in server.requests] == [None, "bytes=300000-"]


def test_a_later_start_goes_on_where_the_earlier_one_stopped(server, target):
    server.behave = lambda handler: answer(handler, 200, CONTENT[:1000], announced=len(CONTENT), ETag='"one"')
    with pytest.raises(UserFacingError, match="broke off"):
        fetch(server, target)
    assert not target.exists()
    server.behave = send_whole
    server.requests.clear()
    assert fetch(server, target) == HASH
    assert server.requests == [("/some.model", "bytes=1000-")]
    assert left_behind(target) == ["some.model"]


def test_a_file_that_changed_meanwhile_is_fetched_anew(server, target):
    other = b"PK\x03\x04" + bytes(900_000)
    server.behave = lambda handler: answer(handler, 200, CONTENT[:1000], announced=len(CONTENT), ETag='"one"')
    with pytest.raises(UserFacingError):
        fetch(server, target)
    server.behave = lambda handler: send_whole(handler, etag='"two"', content=other)
    assert fetch(server, target, sha256=hashlib.sha256(other).hexdigest())
    assert target.read_bytes() == other


def test_a_server_that_falls_silent_is_given_up(server, target):
    stop = threading.Event()

    def stall(handler) -> None:
        answer(handler, 200, CONTENT[:1000], announced=len(CONTENT), ETag='"one"')
        stop.wait(20)

    server.behave = stall
    start = time.monotonic()
    with pytest.raises(UserFacingError, match=r"broke off: .*timed out"):
        fetch(server, target, patience=Patience(silence=0.2, tries=2, pause=0.01))
    stop.set()
    assert time.monotonic() - start < 10
    assert not target.exists()


def test_a_server_that_is_busy_is_asked_again(server, target):
    server.behave = lambda handler: answer(handler, 503, b"busy") if len(server.requests) < 3 else send_whole(handler)
    assert fetch(server, target) == HASH
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_missing_file_is_told_at_once(server, target, status):
    server.behave = lambda handler: answer(handler, status, b"no")
    with pytest.raises(UserFacingError, match=f"does not give the file: {status}"):
        fetch(server, target)
    assert len(server.requests) == 1
    assert left_behind(target) == []


def test_redirects_are_followed_but_not_to_plain_or_local_addresses(server, target):
    def redirect(handler) -> None:
        if handler.path == "/some.model":
            answer(handler, 302, b"", Location=server.url("/elsewhere"))
        else:
            send_whole(handler)

    server.behave = redirect
    assert fetch(server, target) == HASH
    target.unlink()
    for place in ("http://example.org/x", "file:///etc/hostname", "ftp://example.org/x"):
        server.behave = lambda handler, place=place: answer(handler, 302, b"", Location=place)
        with pytest.raises(UserFacingError, match=r"not an encrypted|not allowed"):
            fetch(server, target)
    server.behave = lambda handler: answer(handler, 302, b"", Location=server.url())
    with pytest.raises(UserFacingError, match="does not give the file"):
        fetch(server, target)
    assert left_behind(target) == []


def test_an_error_page_with_a_good_status_is_thrown_away(server, target):
    server.behave = lambda handler: answer(handler, 200, b"<html>please log in</html>")
    with pytest.raises(UserFacingError, match="is no model at all"):
        fetch(server, target, sha256=None)
    assert "some.model" not in left_behind(target)
    assert "some.model.part" not in left_behind(target)


def test_other_content_than_published_is_thrown_away(server, target):
    server.behave = lambda handler: send_whole(handler, content=CONTENT[:-1] + b"!")
    with pytest.raises(UserFacingError, match="SHA-256"):
        fetch(server, target)
    assert not target.exists()
    server.behave = send_whole
    assert fetch(server, target) == HASH


def test_an_unknown_hash_is_recorded_and_compared_later(server, target):
    assert fetch(server, target, sha256=None) == HASH
    record = json.loads((target.parent / "some.model.sha256.json").read_text(encoding="utf-8"))
    assert (record["sha256"], record["url"]) == (HASH, server.url())
    server.behave = lambda handler: send_whole(handler, etag='"two"', content=CONTENT + b"x")
    with pytest.raises(UserFacingError, match="SHA-256"):
        fetch(server, target, sha256=None)
    assert target.read_bytes() == CONTENT


def test_more_bytes_than_announced_and_absurd_sizes_are_refused(server, target):
    server.behave = lambda handler: answer(handler, 200, b"PK", announced=10**15)
    with pytest.raises(UserFacingError, match="no model needs"):
        fetch(server, target)


def test_cancelling_stops_soon_and_keeps_what_arrived(server, target):
    seen: list[int] = []
    with pytest.raises(UserFacingError, match="cancelled"):
        fetch(server, target, progress=lambda done, _: seen.append(done), cancelled=lambda: bool(seen))
    assert not target.exists()
    assert (target.parent / "some.model.part").stat().st_size == seen[-1] < len(CONTENT)
    assert fetch(server, target) == HASH


def test_nobody_listening_and_an_unwritable_place_are_explained(server, target, tmp_path):
    url = server.url()
    server.http.shutdown()
    server.http.server_close()
    with pytest.raises(UserFacingError, match="broke off"):
        download(url, target, patience=IMPATIENT)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UserFacingError, match="cannot be written"):
        download(url, tmp_path / "file" / "some.model", patience=IMPATIENT)


def test_a_released_model_is_downloaded_checked_and_still_needs_consent(server, tmp_path, monkeypatch):
    from dataclasses import replace

    from guiapp.potentials.registry import find_card, load_named

    monkeypatch.setenv("TEMPER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TEMPER_CONFIG_DIR", str(tmp_path / "config"))
    release = replace(mace.RELEASES[0], address=server.url("/x/small.model"), sha256=HASH)
    monkeypatch.setattr(mace, "RELEASES", (release,))
    card = find_card("mace-mp-0-small")
    assert (card.weights, card.state) == (None, "not downloaded (33 MB)")
    with pytest.raises(UserFacingError, match="not downloaded"):
        load_named("mace-mp-0-small", "cpu")
    card = mace.download_release(release)
    assert card.weights is not None
    assert card.weights.read_bytes() == CONTENT
    assert card.state.startswith("needs your consent")
    mace.download_release(release)
    assert len(server.requests) == 1


def test_every_release_has_an_official_address_and_a_hash():
    for release in mace.RELEASES:
        assert release.address.startswith("https://github.com/ACEsuit/")
        assert release.address.endswith(".model")
        assert len(release.sha256) == 64
    assert len({release.sha256 for release in mace.RELEASES}) == len(mace.RELEASES)
