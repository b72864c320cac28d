"""One attempt to fetch one file over HTTP: continued where an earlier attempt ended, and given up where nothing comes any more.

Only the standard library takes part: proxies come from the environment (``HTTPS_PROXY``, ``NO_PROXY``) or the desktop's own settings,
certificates from the system.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import json
import os
import shutil
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from guiapp.errors import UserFacingError

_BLOCK = 1 << 18  # bytes
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_RETRY_CODES = frozenset({408, 425, 429, 500, 502, 503, 504})
_PAGE_STARTS = (b"<!doctype", b"<html", b"<?xml version='1.0' encoding='utf-8'?><error", b'<?xml version="1.0" encoding="utf-8"?><error')
_POINTER_START = b"version https://git-lfs"
_USER_AGENT = "Temper (materials data download)"


@dataclass(frozen=True)
class Patience:
    """How long to wait for a home; tests use shorter times."""

    stall: float = 30.0
    """Seconds without a connection or a byte, or with fewer than ``slowest`` a second on average, after which a home counts as stalled."""
    slowest: float = 256.0
    """Bytes a second."""
    retries: int = 3
    """Attempts in a row that bring nothing, after which the next home is asked."""
    pause: float = 1.0
    """Seconds before the second attempt; doubled each time."""


class StopSwitch:
    """Lets another thread end a transfer at once, even while it waits for a silent server."""

    def __init__(self) -> None:
        """Start switched on: the transfer may go on."""
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    @property
    def stopped(self) -> bool:
        """Whether the transfer shall end."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End the transfer; what has come is kept."""
        with self._lock:
            self._stopped.set()
            self._shut()

    def wait(self, seconds: float) -> None:
        """Sleep, unless stopped meanwhile."""
        self._stopped.wait(seconds)

    def watch(self, connection: socket.socket) -> None:
        """Remember the connection that has to be shut when the transfer is stopped."""
        with self._lock:
            self._socket = connection
            if self._stopped.is_set():
                self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError, ValueError):  # it may have ended by itself
                self._socket.shutdown(socket.SHUT_RDWR)


class StoppedError(Exception):
    """The user stopped the transfer; what has come is kept."""


class AttemptError(Exception):
    """This attempt failed."""

    def __init__(self, why: str, *, again: bool, wait: float = 0.0) -> None:
        """Say why, whether the same home is worth another attempt, and how many seconds it asks to be left alone."""
        super().__init__(why)
        self.why = why
        self.again = again
        self.wait = wait


@dataclass(frozen=True)
class Part:
    """A file that is not complete yet, with a note beside it on what it is a part of."""

    path: Path

    @property
    def _note(self) -> Path:
        return self.path.with_name(self.path.name + ".json")

    @property
    def size(self) -> int:
        """Bytes that have come."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def tag(self, url: str) -> str:
        """Return what tells this version of the file from others (ETag or date), empty where that is not known of this address."""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ""
        return str(note.get("tag", "")) if isinstance(note, dict) and note.get("url") == url else ""

    def begin(self, url: str, tag: str) -> None:
        """Start anew with nothing."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._note.write_text(json.dumps({"url": url, "tag": tag}), encoding="utf-8")
        self.path.write_bytes(b"")

    def remove(self) -> None:
        """Forget what has come."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)


def fetch(
    url: str, part: Part, *, size: int | None, tell: Callable[[int, int | None], None], switch: StopSwitch, patience: Patience
) -> None:
    """Fetch what is still missing of a file; returns when all of it has come.

    Args:
        url: An http or https address.
        part: What has come so far and where the rest goes.
        size: Bytes that the whole file must have, where that is known.
        tell: Called with the bytes so far and the bytes of the whole (None where the server does not say).
        switch: Ends the transfer from another thread.
        patience: How long to wait.

    Raises:
        StoppedError: The user stopped it.
        AttemptError: The home cannot be reached, sends another file, or stopped sending.
        UserFacingError: The disk is full or cannot be written.
    """
    try:
        with _open(url, part, switch, patience) as response:
            _receive(url, response, part, size=size, tell=tell, switch=switch, patience=patience)
    except (AttemptError, UserFacingError):
        _raise_if_stopped(switch)
        raise
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:  # a socket shut by the switch raises any of these
        _raise_if_stopped(switch)
        raise _attempt_error(error) from error


def _raise_if_stopped(switch: StopSwitch) -> None:
    if switch.stopped:
        raise StoppedError


def _attempt_error(error: Exception) -> AttemptError:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return AttemptError("sent nothing for too long", again=True)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return AttemptError(
            f"has a certificate that cannot be verified ({reason.verify_message}); behind a company proxy set SSL_CERT_FILE", again=False
        )
    if isinstance(reason, socket.gaierror):
        return AttemptError("cannot be found; is this machine online?", again=False)
    if isinstance(reason, http.client.IncompleteRead):
        return AttemptError("stopped in the middle", again=True)
    if isinstance(reason, (ConnectionError, OSError)):
        return AttemptError(f"cannot be reached ({_words(reason)})", again=True)
    return AttemptError(f"answered in a way that makes no sense ({_words(reason)})", again=True)


def _words(error: object) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0].rstrip(". ")


def is_safe(url: str) -> bool:
    """Tell whether nobody on the way could exchange what an address sends: https, or http on this machine itself."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow a few redirects, never to an address that is not encrypted and never out of the web."""

    max_redirections = 8
    max_repeats = 2

    def redirect_request(  # noqa: PLR0917 - the standard library's signature
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if not is_safe(newurl):
            raise AttemptError(f"redirects to an address that is not safe ({newurl[:80]})", again=False)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(switch: StopSwitch) -> urllib.request.OpenerDirector:
    class Watched(http.client.HTTPConnection):
        def connect(self) -> None:
            super().connect()
            switch.watch(self.sock)

    class WatchedSafe(http.client.HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            switch.watch(self.sock)

    class Http(urllib.request.HTTPHandler):
        def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Watched, req)

    class Https(urllib.request.HTTPSHandler):
        def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(WatchedSafe, req, context=_certificates())

    return urllib.request.build_opener(Http(), Https(), _Redirects())


def _certificates() -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"] and "SSL_CERT_FILE" not in os.environ:
        try:  # Python from python.org finds no certificates on macOS
            import certifi  # noqa: PLC0415 - only there
        except ImportError:
            return context
        context.load_verify_locations(certifi.where())
    return context


def _open(url: str, part: Part, switch: StopSwitch, patience: Patience) -> http.client.HTTPResponse:
    if not is_safe(url):
        raise AttemptError("is no web address that begins with https", again=False)
    _raise_if_stopped(switch)
    headers = {"User-Agent": _USER_AGENT, "Accept-Encoding": "identity"}
    have, tag = part.size, part.tag(url)
    if have and tag:  # without a tag nobody can say whether the rest belongs to what is here
        headers |= {"Range": f"bytes={have}-", "If-Range": tag}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme was checked above
    try:
        response: http.client.HTTPResponse = _opener(switch).open(request, timeout=patience.stall)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                part.remove()
                raise AttemptError("has another version of the file than the part that came before", again=True) from error
            if "infinite loop" in str(error.reason):
                raise AttemptError("redirects in a circle", again=False) from error
            again = error.code in _RETRY_CODES
            raise AttemptError(f"answered “{error.code} {error.reason}”", again=again, wait=_retry_after(error.headers)) from error
    return response


def _retry_after(headers: Message | None) -> float:
    value = str(headers.get("Retry-After", "")) if headers is not None else ""
    return min(60.0, float(value)) if value.isdecimal() else 0.0


def _receive(
    url: str,
    response: http.client.HTTPResponse,
    part: Part,
    *,
    size: int | None,
    tell: Callable[[int, int | None], None],
    switch: StopSwitch,
    patience: Patience,
) -> None:
    have = _continues_at(response, part)
    coming = response.headers.get("Content-Length", "")
    total = have + int(coming) if coming.isdecimal() else size
    if size is not None and total != size:
        raise AttemptError(f"offers a file of {total:,} bytes where {size:,} were expected", again=False)
    if not have and "html" in str(response.headers.get("Content-Type", "")).lower():
        raise AttemptError("sent a web page instead of the file", again=False)
    with _preparing(part):
        if total is not None and total > have:
            require_space(part.path.parent, total - have)
        if not have:
            part.begin(url, _tag_of(response.headers))
    with _writing(part), part.path.open("r+b") as file:
        file.seek(have)
        for block in _blocks(response, switch, patience):
            if not have:
                _refuse_garbage(block)
            file.write(block)
            have += len(block)
            tell(have, total)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    if total is not None and have < total:
        raise AttemptError(f"stopped after {have:,} of {total:,} bytes", again=True)
    if not have:
        raise AttemptError("sent an empty file", again=False)


def _continues_at(response: http.client.HTTPResponse, part: Part) -> int:
    """Return how many bytes of the part count: all where the answer continues it, none where the server begins anew."""
    if response.status != http.HTTPStatus.PARTIAL_CONTENT:
        return 0
    have, answered = part.size, str(response.headers.get("Content-Range", ""))
    if not answered.startswith(f"bytes {have}-"):
        part.remove()
        raise AttemptError("continued at another place than asked", again=True)
    return have


def _tag_of(headers: Message) -> str:
    tag = str(headers.get("ETag", ""))
    return tag if tag and not tag.startswith("W/") else str(headers.get("Last-Modified", ""))


def _blocks(response: http.client.HTTPResponse, switch: StopSwitch, patience: Patience) -> Iterator[bytes]:
    """Yield what comes, and give up on a server that sends next to nothing."""
    since, received = time.monotonic(), 0
    while block := response.read1(_BLOCK):
        _raise_if_stopped(switch)
        yield block
        received += len(block)
        now = time.monotonic()
        if now - since > patience.stall:
            if received < patience.slowest * (now - since):
                raise AttemptError("sends too slowly", again=True)
            since, received = now, 0
    _raise_if_stopped(switch)


def _refuse_garbage(start: bytes) -> None:
    text = b" ".join(start[:400].split()).lower()
    if text.startswith(_PAGE_STARTS):
        raise AttemptError("sent a web page instead of the file", again=False)
    if text.startswith(_POINTER_START):
        raise AttemptError("sent a pointer to the file instead of the file", again=False)


def require_space(folder: Path, n_bytes: int) -> None:
    """Make sure that a download fits on the disk.

    Raises:
        UserFacingError: Where it does not.
    """
    reserve = 64 << 20  # a disk filled to the last byte stops more than this program
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < n_bytes + reserve:
        raise UserFacingError(
            f"The disk has {free / 1e9:.1f} GB free, and {n_bytes / 1e9:.1f} GB are still to come.",
            advice="Free some space; what has come is kept.",
            path=folder,
        )


@contextlib.contextmanager
def _preparing(part: Part) -> Iterator[None]:
    """Explain a folder or file that cannot be made."""
    try:
        yield
    except OSError as error:
        raise UserFacingError(
            f"The file cannot be written: {error.strerror or error}.", advice="Check who may write there.", path=part.path
        ) from error


@contextlib.contextmanager
def _writing(part: Part) -> Iterator[None]:
    """Tell a disk that cannot be written from a network that fails; both are an ``OSError``."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EIO}:
            raise UserFacingError(
                f"The file cannot be written: {error.strerror}.", advice="Free some space; what has come is kept.", path=part.path
            ) from error
        raise
