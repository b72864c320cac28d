"""Opening a file whatever it is wrapped in: gzip, bzip2, xz, lzma, tar and zip archives, with a limit on what they unpack to."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, Final

from guiapp.errors import UserFacingError

HEAD = 65536  # bytes that decide what a file is
LARGEST_RATIO = 1000  # packed DFT text reaches about 200
RATIO_COUNTS_FROM = 64 * 2**20  # a small file may be all zeros
LARGEST_MEMBER = 2 * 2**30  # an archive's member is held in memory
_SUFFIXES = {".gz", ".bz2", ".xz", ".lzma", ".tar", ".tgz", ".txz", ".zip"}
_TAR_MAGIC_AT: Final = 257
_ZIP_MAGIC: Final = b"PK\x03\x04"
_DAMAGED: Final = "damaged"


class _Bounded(io.RawIOBase):
    """Pass unpacked bytes on, and stop where they are absurdly many for the packed size."""

    def __init__(self, stream: gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile, name: str, packed_size: int, state: set[str]) -> None:
        super().__init__()
        self._state = state
        self._stream = stream
        self._limit = max(packed_size * LARGEST_RATIO, RATIO_COUNTS_FROM)
        self._passed = 0
        self.name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # the buffer protocol has no name before Python 3.12
        try:
            data = self._stream.read1(len(view))
        except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile):
            self._state.add(_DAMAGED)  # what came before is good: readers see an early end, and the file says why
            return 0
        self._passed += len(data)
        if self._passed > self._limit:
            raise UserFacingError(
                f"It unpacks to more than {LARGEST_RATIO} times its size, so it is not DFT data.",
                advice="Unpack it by hand if you trust it, and open what is inside.",
                path=self.name,
            )
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


@dataclass(frozen=True)
class DataFile:
    """One readable file: on disk, packed, or inside an archive."""

    shown: str
    """Path as the user named it; a member of an archive follows its archive."""
    label: str
    """Path inside the folder or archive the user named, for the name of a frame, e.g. ``03/OUTCAR``."""
    open: Callable[[], BinaryIO]
    """Open the unpacked bytes."""
    on_disk: Path | None = None
    """The plain file where it is not packed, for formats that need one."""
    _head: list[bytes] = field(default_factory=list)
    _state: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """File name without the suffix of its packing, e.g. ``OUTCAR`` for ``OUTCAR.gz``."""
        name = PurePosixPath(self.label).name
        while PurePosixPath(name).suffix.lower() in _SUFFIXES:
            name = PurePosixPath(name).stem
        return name

    @property
    def is_damaged(self) -> bool:
        """True where unpacking came to an early end; what lay before has been read."""
        return _DAMAGED in self._state

    @property
    def head(self) -> bytes:
        """The first 64 KiB, unpacked."""
        if not self._head:
            with self.open() as stream:
                self._head.append(stream.read(HEAD))
        return self._head[0]

    def text(self) -> io.TextIOWrapper:
        """Open as text; bytes that are no UTF-8 (old VASP comments) are replaced."""
        return io.TextIOWrapper(self.open(), encoding="utf-8", errors="replace", newline=None)


def data_files(path: Path, label: str, choose: Callable[[Collection[str]], list[str]]) -> Iterator[DataFile]:
    """Yield what a file holds: itself, or the members of the archive that are worth reading.

    An archive is unpacked in one pass and its members come one at a time, so use each before asking for the next.

    Args:
        path: File on disk.
        label: Its path inside what the user named.
        choose: Picks the members worth reading from the names of all.

    Raises:
        UserFacingError: If the archive is damaged or unpacks to too much.
    """
    state: set[str] = set()
    file = DataFile(str(path), label, lambda: _unpacked(path, state), None if _packing(path) else path, _state=state)
    if file.on_disk is not None and file.head.startswith(_ZIP_MAGIC):
        yield from _zip_members(path, file, choose)
        return
    if not _is_tar(file):
        yield file
        return
    chosen = set(choose(_member_names(file)))
    with closing(file.open()) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            if member.isreg() and member.name in chosen:
                yield _member(file, archive, member)


def _zip_members(path: Path, file: DataFile, choose: Callable[[Collection[str]], list[str]]) -> Iterator[DataFile]:
    """Yield the members of a zip archive that are worth reading; each is unpacked while it is read."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = {info.filename: info for info in archive.infolist() if not info.is_dir()}
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UserFacingError(f"The zip archive is damaged ({error}).", advice="Download it again.", path=path) from error
    for name in choose(list(infos)):
        info = infos[name]
        if info.file_size > max(info.compress_size * LARGEST_RATIO, RATIO_COUNTS_FROM):
            raise UserFacingError(f"It unpacks to more than {LARGEST_RATIO} times its size, so it is not DFT data.", path=f"{path}/{name}")
        state: set[str] = set()
        yield DataFile(f"{file.shown}/{name}", f"{file.label}/{name}", partial(_zip_stream, path, name, state), _state=state)


def _zip_stream(path: Path, name: str, state: set[str]) -> BinaryIO:
    archive = zipfile.ZipFile(path)
    return io.BufferedReader(_ZipMember(archive, archive.open(name), state), 2**18)


class _ZipMember(io.RawIOBase):
    """Read one member of a zip archive, and close the archive with it."""

    def __init__(self, archive: zipfile.ZipFile, stream: IO[bytes], state: set[str]) -> None:
        super().__init__()
        self._archive, self._stream, self._state = archive, stream, state

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # as above
        try:
            data = self._stream.read(len(view))
        except (EOFError, zlib.error, zipfile.BadZipFile, lzma.LZMAError):
            self._state.add(_DAMAGED)
            return 0
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        self._archive.close()
        super().close()


def _member_names(file: DataFile) -> list[str]:
    with closing(file.open()) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        return [member.name for member in archive if member.isreg()]


def _member(file: DataFile, archive: tarfile.TarFile, member: tarfile.TarInfo) -> DataFile:
    shown = f"{file.shown}/{member.name}"
    if member.size > LARGEST_MEMBER:
        raise UserFacingError(
            f"It unpacks to {member.size / 2**30:.1f} GiB, too much to read inside an archive.",
            advice="Unpack it and open it by itself.",
            path=shown,
        )
    extracted = archive.extractfile(member)
    content = extracted.read() if extracted is not None else b""
    state: set[str] = set()
    return DataFile(shown, f"{file.label}/{member.name}", lambda: _unwrap(io.BytesIO(content), shown, len(content), state), _state=state)


def _is_tar(file: DataFile) -> bool:
    return file.head[_TAR_MAGIC_AT : _TAR_MAGIC_AT + 5] == b"ustar"


def _packing(path: Path) -> str:
    with path.open("rb") as stream:
        return _packing_of(stream.read(16), path.name)


def _packing_of(start: bytes, name: str) -> str:
    """Return how the bytes are packed, by their first bytes; the old lzma format has no clear mark, so its name counts too."""
    if start.startswith(b"\x1f\x8b"):
        return "gzip"
    if start.startswith(b"BZh"):
        return "bzip2"
    if start.startswith(b"\xfd7zXZ\x00") or (start.startswith(b"\x5d\x00\x00") and name.lower().endswith((".lzma", ".tlz"))):
        return "xz"
    return ""


def _unpacked(path: Path, state: set[str]) -> BinaryIO:
    return _unwrap(path.open("rb"), str(path), path.stat().st_size, state)


def _unwrap(stream: BinaryIO, name: str, packed_size: int, state: set[str]) -> BinaryIO:
    packing = _packing_of(stream.read(16), name)
    stream.seek(0)
    if not packing:
        return stream
    opened: gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile
    if packing == "gzip":
        opened = gzip.GzipFile(fileobj=stream, mode="rb")
    elif packing == "bzip2":
        opened = bz2.BZ2File(stream, "rb")
    else:
        opened = lzma.LZMAFile(stream, "rb")  # noqa: SIM115 - whoever reads closes it
    return io.BufferedReader(_Bounded(opened, name, packed_size, state), 2**18)
