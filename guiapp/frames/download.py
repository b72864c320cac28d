"""Downloading a file safely: from the first home that has it, continued after a break, verified, and there only when complete.

A file has one or more *homes*. They are asked in order; each may pack the same data in its own way, so size and checksum belong to the
home. What has come is kept in ``NAME.part`` until the file is complete, checked and given its name in one step. What was downloaded, from
where and with which SHA-256 is recorded beside it in ``NAME.origin.json``, so that a later download of the same address can be compared.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from guiapp.errors import UserFacingError
from guiapp.frames.home import Home
from guiapp.frames.http_transfer import AttemptError, Part, Patience, StoppedError, StopSwitch, fetch

__all__ = [
    "DownloadProgress",
    "Home",
    "Origin",
    "Patience",
    "StopSwitch",
    "StoppedError",
    "download",
    "file_digest",
    "forget_part",
    "part_size",
    "read_origin",
    "write_origin",
]

_TELL_EVERY = 0.1  # s
_RATE_OVER = 5.0  # s
_HASH_BLOCK = 1 << 20


@dataclass(frozen=True)
class DownloadProgress:
    """How far a download is."""

    done: int
    """Bytes that have come, those of earlier attempts included."""
    total: int | None
    """Bytes of the whole file; None where nobody knows."""
    rate: float
    """Bytes a second, lately."""
    words: str
    """What is going on, e.g. ``from figshare.com``."""

    @property
    def seconds_left(self) -> float | None:
        """Time to the end at this rate; None where it cannot be said."""
        return (self.total - self.done) / self.rate if self.total is not None and self.rate > 0 else None


@dataclass(frozen=True)
class Origin:
    """Where a file on this disk came from."""

    url: str
    size: int
    """Bytes."""
    sha256: str
    since: str
    """When, ISO 8601 in UTC."""
    verified: str = ""
    """The published checksum, or the one of an earlier download, that the file agreed with; empty where there was none."""


Tell = Callable[[DownloadProgress], None]
Check = Callable[[Path], None]


def download(
    homes: Sequence[Home],
    target: Path,
    *,
    check: Check | None = None,
    tell: Tell | None = None,
    switch: StopSwitch | None = None,
    patience: Patience | None = None,
) -> Origin:
    """Fetch a file from the first home that has it.

    Args:
        homes: Where the file lies, best first.
        target: What the file shall be called; a part of an earlier attempt beside it is continued.
        check: Looks at the complete file before it gets its name, and raises ``UserFacingError`` where it is not what it should be.
        tell: Called at most ten times a second, from this thread.
        switch: Stops the download from another thread.
        patience: How long to wait for a home.

    Returns:
        Where the file came from; it is also kept beside the file.

    Raises:
        StoppedError: The switch was used; what has come is kept, and another call goes on from there.
        UserFacingError: No home has the file (each with its reason), or the disk is full.
    """
    switch, patience = switch or StopSwitch(), patience or Patience()
    known = read_origin(target)
    failures: list[str] = []
    for home in homes:
        part = _part(target, home)
        meter = _Meter(home, tell)
        try:
            _fetch_stubbornly(home, part, meter, switch, patience)
            origin = _verified(home, part, meter, switch, known=known, check=check)
        except AttemptError as error:
            failures.append(f"{home.host} {error.why}")
            continue
        _put_in_place(part, target)
        write_origin(target, origin)
        for other in homes:
            _part(target, other).remove()
        return origin
    raise UserFacingError(
        f"{target.name} could not be downloaded: {'; '.join(failures) if failures else 'no address of it is known'}.",
        advice="Check the network and the proxy (HTTPS_PROXY); what has come is kept. "
        "Or fetch the file with a browser and choose it as a file that you have already.",
    )


def part_size(homes: Sequence[Home], target: Path) -> int:
    """Return how many bytes of an unfinished download are there."""
    return max((_part(target, home).size for home in homes), default=0)


def forget_part(homes: Sequence[Home], target: Path) -> None:
    """Throw an unfinished download away."""
    for home in homes:
        _part(target, home).remove()


def read_origin(target: Path) -> Origin | None:
    """Return where a file came from, None where nothing (or nothing sensible) was recorded."""
    try:
        note = json.loads(_origin_path(target).read_text(encoding="utf-8"))
        return Origin(str(note["url"]), int(note["size"]), str(note["sha256"]), str(note.get("since", "")), str(note.get("verified", "")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_origin(target: Path, origin: Origin) -> None:
    """Record where a file came from, in one step."""
    path = _origin_path(target)
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps(asdict(origin), indent=1), encoding="utf-8")
    fresh.replace(path)


def file_digest(path: Path, algorithm: str = "sha256", switch: StopSwitch | None = None) -> str:
    """Return the checksum of a file's content in hexadecimal digits.

    Raises:
        StoppedError: The switch was used meanwhile.
    """
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK):
            if switch is not None and switch.stopped:
                raise StoppedError
            digest.update(block)
    return digest.hexdigest()


class _Meter:
    """Turns counts of bytes into progress, not too often."""

    def __init__(self, home: Home, tell: Tell | None) -> None:
        self._home, self._tell = home, tell
        self._told = float("-inf")
        self._marks: list[tuple[float, int]] = []
        self.done = 0
        self.total = home.size

    def count(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        self.done, self.total = done, total
        if self._marks and done < self._marks[-1][1]:
            self._marks.clear()  # the server began anew
        self._marks.append((now, done))
        while now - self._marks[0][0] > _RATE_OVER:
            self._marks.pop(0)
        if now - self._told >= _TELL_EVERY or done == total:
            self._told = now
            self.say(f"from {self._home.host}")

    def say(self, words: str) -> None:
        if self._tell is not None:
            self._tell(DownloadProgress(self.done, self.total, self._rate(), words))

    def _rate(self) -> float:
        if len(self._marks) < 2:
            return 0.0
        (start, first), (end, last) = self._marks[0], self._marks[-1]
        return (last - first) / (end - start) if end > start else 0.0


def _fetch_stubbornly(home: Home, part: Part, meter: _Meter, switch: StopSwitch, patience: Patience) -> None:
    """Try one home again and again as long as something comes."""
    fruitless, pause = 0, patience.pause
    while True:
        before = part.size
        try:
            if not (home.size and part.size == home.size):  # all had come, but the program ended before it was checked
                fetch(home.url, part, size=home.size, tell=meter.count, switch=switch, patience=patience)
        except AttemptError as error:
            if part.size > before:
                fruitless, pause = 0, patience.pause
            fruitless += 1
            if not error.again or fruitless >= patience.retries:
                raise
            meter.say(f"{home.host} {error.why}; trying again")
            switch.wait(max(pause, error.wait))
            pause *= 2
            if switch.stopped:
                raise StoppedError from error
        else:
            return


def _verified(home: Home, part: Part, meter: _Meter, switch: StopSwitch, *, known: Origin | None, check: Check | None) -> Origin:
    """Compare the complete part with what is known of it.

    Raises:
        AttemptError: It is not the file; the part is thrown away.
    """
    meter.say("checking")
    sha256, agreed = file_digest(part.path, switch=switch), ""
    if home.checksum:
        algorithm, _, expected = home.checksum.partition(":")
        found = sha256 if algorithm == "sha256" else file_digest(part.path, algorithm, switch)
        if found != expected.lower():
            part.remove()
            raise AttemptError(f"sent a file with another checksum ({algorithm} {found[:12]}… instead of {expected[:12]}…)", again=False)
        agreed = home.checksum
    elif known is not None and known.url == home.url:
        if known.sha256 != sha256:
            part.remove()
            raise AttemptError(f"now has another file than the one downloaded on {known.since[:10]} (its SHA-256 differs)", again=False)
        agreed = f"sha256:{sha256}"
    if check is not None:
        try:
            check(part.path)
        except UserFacingError as error:
            part.remove()
            raise AttemptError(f"sent a file that is not what it should be: {error.what}", again=False) from error
    return Origin(home.url, part.size, sha256, datetime.now(UTC).isoformat(timespec="seconds"), agreed)


def _put_in_place(part: Part, target: Path) -> None:
    try:
        part.path.replace(target)
    except OSError as error:
        raise UserFacingError(
            f"The complete file could not be given its name: {error.strerror}.",
            advice="Close programs that use the old file, and download again; nothing has to be fetched twice.",
            path=target,
        ) from error


def _part(target: Path, home: Home) -> Part:
    """Return the part of one home; the homes may pack the data differently, so their parts must not be mixed."""
    mark = hashlib.sha256(home.url.encode()).hexdigest()[:8]
    return Part(target.with_name(f"{target.name}.{mark}.part"))


def _origin_path(target: Path) -> Path:
    return target.with_name(target.name + ".origin.json")
