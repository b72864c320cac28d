"""A web server on this machine that misbehaves in every way that real ones do."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """What lies under one path and how it is served."""

    body: bytes
    status: int = 200
    kind: str = "application/octet-stream"
    etag: str = '"v1"'
    ranges: bool = True
    claimed_length: int | None = None
    """A Content-Length that is a lie."""
    cut_after: list[int] = field(default_factory=list)
    """Bytes after which the connection breaks, one for each request; none left: served whole."""
    stall_after: list[int] = field(default_factory=list)
    """Bytes after which nothing more comes, one for each request."""
    location: str = ""
    failures: list[int] = field(default_factory=list)
    """Status codes of the first requests."""
    slowly: float = 0.0
    """Seconds between pieces of 16 KiB."""
    chunked: bool = False


class AwkwardServer(ThreadingHTTPServer):
    """Serves ``files`` by path and remembers what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, Served] = {}
        self.asked: list[tuple[str, str]] = []
        self.release = threading.Event()

    def handle_error(self, request, client_address):
        """Clients that hang up are part of the game."""

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        with contextlib.suppress(ConnectionError):
            self._answer()

    def _answer(self):
        server: AwkwardServer = self.server
        self.close_connection = True
        served = server.files.get(self.path)
        asked = self.headers.get("Range", "")
        server.asked.append((self.path, asked))
        if served is None:
            return self._short(404)
        if served.failures:
            return self._short(served.failures.pop(0))
        if served.location:
            return self._short(302, {"Location": served.location})
        start = 0
        if asked and served.ranges and self.headers.get("If-Range") == served.etag:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(served.body):
                return self._short(416)
        body = served.body[start:]
        self.send_response(206 if start else served.status)
        self.send_header("Content-Type", served.kind)
        if served.etag:
            self.send_header("ETag", served.etag)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(served.body) - 1}/{len(served.body)}")
        if served.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            length = served.claimed_length if served.claimed_length is not None and not start else len(body)
            self.send_header("Content-Length", str(length))
        self.end_headers()
        cut = served.cut_after.pop(0) if served.cut_after else None
        stall = served.stall_after.pop(0) if served.stall_after else None
        stop = next((limit for limit in (cut, stall) if limit is not None), len(body))
        for at in range(0, min(stop, len(body)), 1 << 14):
            piece = body[at : min(at + (1 << 14), stop)]
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" if served.chunked else piece)
            self.wfile.flush()
            if served.slowly:
                time.sleep(served.slowly)
        if served.chunked and cut is None:
            self.wfile.write(b"0\r\n\r\n")
        if stall is not None:
            server.release.wait(20)
        return None

    def _short(self, status, headers=None):
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", "0")
        self.end_headers()
