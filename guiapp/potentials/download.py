"""Fetching one large file from the internet so that what lies at its place is always whole and what was published."""

from __future__ import annotations

import hashlib
import http.client
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from guiapp import __version__
from guiapp.errors import UserFacingError
from guiapp.potentials.kept_json import read_json_object, write_json_object

Progress = Callable[[int, int | None], None]
"""Told the bytes that are here and the bytes in all, None while unknown."""

_BLOCK = 1 << 18
_LARGEST = 8 << 30
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_PARTIAL_CONTENT = 206
_RANGE_NOT_SATISFIABLE = 416


@dataclass(frozen=True)
class Patience:
    """How long a silent or failing server is borne."""

    silence: float = 30.0
    """Seconds without a byte after which the connection is given up."""
    tries: int = 5
    """Attempts in a row that bring no byte."""
    pause: float = 1.0
    """Seconds before the second attempt; each further pause is twice as long."""


class _Interrupted(Exception):  # noqa: N818 - no error to be shown: the attempt ends and the next one goes on from here
    """The connection ended before the file did."""


class _CarefulRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a server elsewhere, but never from an encrypted address to a plain one or into the file system."""

    def redirect_request(  # noqa: PLR0917 - the library's signature
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        """Return the request for the new address, or raise where it is not an acceptable one."""
        _require_safe(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def download(
    url: str,
    target: Path,
    *,
    sha256: str | None = None,
    starts_with: bytes = b"",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    patience: Patience | None = None,
) -> str:
    """Fetch a file, go on where an earlier attempt stopped, check it, and only then put it at its place.

    Proxies are taken from the system's settings. A hash that is not known beforehand is written beside the file at the first download,
    ``<name>.sha256.json``, and compared at later ones.

    Args:
        url: An https address (http only on this machine itself).
        target: Where the file shall lie; folders are made.
        sha256: What the content must be; None where that is not known.
        starts_with: Bytes that any such file begins with, so that an error page is told from it.
        progress: Told about every block.
        cancelled: Asked before every block.
        patience: Time-outs.

    Returns:
        The SHA-256 of the file.

    Raises:
        UserFacingError: Where the file cannot be fetched, is not what was published, or the user cancelled.
    """
    _require_safe(url)
    part = target.with_name(f"{target.name}.part")
    fetch = _Fetch(url, part, progress or (lambda _done, _total: None), cancelled, patience or Patience())
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fetch.run()
        found = _check(part, target, url, sha256, starts_with)
        part.replace(target)
        fetch.notes.unlink(missing_ok=True)
    except OSError as error:
        raise UserFacingError(
            f"The file cannot be written: {error.strerror or error}.", advice="Free some space, or check who may write there.", path=target
        ) from error
    return found


class _Fetch:
    """One file on its way."""

    def __init__(self, url: str, part: Path, progress: Progress, cancelled: Callable[[], bool], patience: Patience) -> None:
        self.url, self.part, self.progress, self.cancelled, self.patience = url, part, progress, cancelled, patience
        self.notes = part.with_name(f"{part.name}.json")
        """Which version of which address the part belongs to."""
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler(), _CarefulRedirects())

    def run(self) -> None:
        """Fetch until the part is whole."""
        failures = 0
        while True:
            before = self._have()
            try:
                self._attempt()
            except _Interrupted as error:
                failures = failures + 1 if self._have() <= before else 1
                if failures >= self.patience.tries:
                    raise UserFacingError(
                        f"The download of {self.url} broke off: {error}.",
                        advice="Check the connection and start it again; it goes on where it stopped.",
                    ) from error
                self._wait(self.patience.pause * 2 ** (failures - 1))
            else:
                return

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._stop_if_cancelled()
            time.sleep(min(0.1, seconds))

    def _stop_if_cancelled(self) -> None:
        if self.cancelled():
            raise UserFacingError("The download was cancelled.", advice="Start it again; it goes on where it stopped.")

    def _have(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _attempt(self) -> None:
        known = read_json_object(self.notes)
        version = str(known.get("version", "")) if known.get("url") == self.url else ""
        start = self._have() if version else 0
        headers = {"User-Agent": f"Temper/{__version__}", "Accept-Encoding": "identity"}
        if start:
            headers |= {"Range": f"bytes={start}-", "If-Range": version}
        request = urllib.request.Request(self.url, headers=headers)  # noqa: S310 - the scheme was checked
        try:
            with self.opener.open(request, timeout=self.patience.silence) as answer:
                self._receive(answer, start)
        except urllib.error.HTTPError as error:
            self._explain(error)
        except urllib.error.URLError as error:
            raise _Interrupted(str(error.reason)) from error
        except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
            raise _Interrupted(str(error) or type(error).__name__) from error

    def _explain(self, error: urllib.error.HTTPError) -> None:
        if error.code == _RANGE_NOT_SATISFIABLE:  # the part is longer than the file, so it belongs to another version
            self.part.unlink(missing_ok=True)
            raise _Interrupted("the server's file changed") from error
        if error.code in _TRY_AGAIN:
            raise _Interrupted(f"the server answers {error.code} {error.reason}") from error
        raise UserFacingError(
            f"The server does not give the file: {error.code} {error.reason} ({self.url}).", advice="Look whether the release has moved."
        ) from error

    def _receive(self, answer: http.client.HTTPResponse, start: int) -> None:
        resumed = answer.status == _PARTIAL_CONTENT and _range_start(answer) == start
        if answer.status == _PARTIAL_CONTENT and not resumed:
            self.part.unlink(missing_ok=True)
            raise _Interrupted("the server sent another part of the file than was asked for")
        here = start if resumed else 0
        length = answer.headers.get("Content-Length", "")
        total = here + int(length) if length.isdigit() else None
        if total is not None and total > _LARGEST:
            raise UserFacingError(f"The server offers {total / 1e9:.0f} GB, which no model needs ({self.url}).")
        self._require_space((total or 0) - here)
        write_json_object(self.notes, {"url": self.url, "version": answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""})
        with self.part.open("ab" if resumed else "wb") as file:
            while True:
                self._stop_if_cancelled()
                block = answer.read1(_BLOCK)
                if not block:
                    break
                file.write(block)
                here += len(block)
                if here > (total or _LARGEST):
                    raise _Interrupted("the server sent more than it announced")
                self.progress(here, total)
        if total is not None and here < total:
            raise _Interrupted(f"{here / 1e6:.1f} of {total / 1e6:.1f} MB arrived")

    def _require_space(self, wanted: int) -> None:
        free = shutil.disk_usage(self.part.parent).free
        if wanted > free:
            raise UserFacingError(
                f"{wanted / 1e6:.0f} MB are needed and {free / 1e6:.0f} MB are free.", advice="Free some space.", path=self.part.parent
            )


def _range_start(answer: http.client.HTTPResponse) -> int:
    """Return where a partial answer begins, -1 where the server does not say."""
    text = answer.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(text) if text.isdigit() else -1


def _check(part: Path, target: Path, url: str, sha256: str | None, starts_with: bytes) -> str:
    digest = hashlib.sha256()
    with part.open("rb") as file:
        start = file.read(len(starts_with))
        file.seek(0)
        while block := file.read(_BLOCK):
            digest.update(block)
    found = digest.hexdigest()
    record = target.with_name(f"{target.name}.sha256.json")
    known = sha256 or str(read_json_object(record).get("sha256", found))
    if start != starts_with or found != known:
        part.unlink(missing_ok=True)
        what = (
            "is no model at all, perhaps an error page"
            if start != starts_with
            else f"has the SHA-256 {found[:12]}… instead of {known[:12]}…"
        )
        raise UserFacingError(
            f"The file downloaded from {url} {what}; it was thrown away.",
            advice="Start the download again; if that does not help, the release was replaced or the connection is tampered with.",
        )
    if sha256 is None:
        write_json_object(record, {"sha256": found, "url": url, "since": datetime.now(UTC).isoformat(timespec="seconds")})
    return found


def _require_safe(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return
    raise UserFacingError(f"The address {url} is not an encrypted one.", advice="Use an address that begins with https.")
