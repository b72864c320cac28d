"""Frames of a project: each configuration once, under as many names as it is known by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from guiapp.frames.frame import Flag, Frame, Origin
from guiapp.store.arrays import DamagedBlobError, checksum, is_intact, pack_frame, unpack_frame
from guiapp.store.connections import Connections
from guiapp.store.damage import DamageLog
from guiapp.store.database import Database

_CHUNK = 500  # frames a round: bounds memory, and stays below SQLite's number of parameters

COLUMNS = "f.digest, f.description, c.digest, c.content_hash, c.label_hash, c.n_atoms, c.pbc, c.labels, c.arrays, c.checksum"
"""What ``FrameStore.decode`` needs; ``f`` is the table of frames and ``c`` that of configurations."""


class FrameStore:
    """The frames of a project, shared by its reference sets and jobs."""

    def __init__(self, connections: Connections, damage: DamageLog) -> None:
        """Work on an open project."""
        self._connections = connections
        self._damage = damage

    def add(self, frames: Iterable[Frame]) -> list[int]:
        """Store frames where they are new (and mend those found damaged); return their ids in order."""
        ids: list[int] = []
        with self._connections.write() as database:
            for chunk in _chunks(frames):
                configurations = _add_configurations(database, chunk)
                ids.extend(_add_descriptions(database, chunk, configurations))
        return ids

    def count(self) -> int:
        """Return how many frames the project holds."""
        return int(self._connections.read("SELECT count(*) FROM frames")[0][0])

    def remove_unused(self) -> None:
        """Delete frames that no reference set and no job refers to any more."""
        with self._connections.write() as database:
            database.execute(
                "DELETE FROM frames WHERE NOT EXISTS (SELECT 1 FROM set_frames s WHERE s.frame_id = frames.id)"
                " AND NOT EXISTS (SELECT 1 FROM job_frames j WHERE j.frame_id = frames.id)"
            )
            database.execute(
                "DELETE FROM configurations WHERE NOT EXISTS (SELECT 1 FROM frames f WHERE f.configuration_id = configurations.id)"
            )

    def decode(self, row: Sequence[Any], *, compound: str | None = None) -> Frame | None:
        """Return the frame of one row of ``COLUMNS``, or None (and a report) where the row is damaged.

        Args:
            row: The values of ``COLUMNS``.
            compound: What the user regrouped the frame to; None as it was read.
        """
        digest, description, configuration, content_hash, label_hash, n_atoms, pbc, labels, blob, check = row
        whole = is_intact(blob, check, n_atoms, pbc, labels, content_hash, label_hash)
        if not whole or description_digest(configuration, description) != digest:
            self._damage.report(f"frame {content_hash[:12]} fails its checksum and is left out; read its file again to restore it")
            return None
        try:
            arrays = unpack_frame(n_atoms, labels, blob)
        except DamagedBlobError as error:
            self._damage.report(f"frame {content_hash[:12]} has {error} and is left out; read its file again to restore it")
            return None
        facts = json.loads(description)
        path, index, keys = facts["origin"]
        # Made without the constructor, which would copy arrays that are read-only already, and with both hashes, which
        # are pure functions of the arrays just checked: 100,000 frames open in half the time.
        frame = object.__new__(Frame)
        vars(frame).update(
            arrays._asdict(),
            pbc=(bool(pbc & 1), bool(pbc & 2), bool(pbc & 4)),
            name=facts["name"],
            compound=facts["compound"] if compound is None else compound,
            origin=Origin(path, index, tuple(keys)),
            info=MappingProxyType(facts["info"]),
            flags=tuple([Flag(*flag) for flag in facts["flags"]]),
            content_hash=content_hash,
            label_hash=label_hash,
        )
        return frame


def _chunks(frames: Iterable[Frame]) -> Iterator[list[Frame]]:
    chunk: list[Frame] = []
    for frame in frames:
        chunk.append(frame)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _add_configurations(database: Database, frames: Sequence[Frame]) -> list[tuple[int, bytes]]:
    """Return id and digest of each frame's configuration."""
    rows = []
    for frame in frames:
        labels, blob = pack_frame(frame)
        pbc = sum(1 << axis for axis, periodic in enumerate(frame.pbc) if periodic)
        head = f"{frame.n_atoms},{pbc},{labels}|".encode()
        digest = hashlib.sha256(head + blob).digest()
        check = checksum(blob, frame.n_atoms, pbc, labels, frame.content_hash, frame.label_hash)
        rows.append((digest, frame.content_hash, frame.label_hash, frame.n_atoms, pbc, labels, blob, check))
    database.conn.executemany(
        "INSERT INTO configurations (digest, content_hash, label_hash, n_atoms, pbc, labels, arrays, checksum)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET"
        " content_hash = excluded.content_hash, label_hash = excluded.label_hash, n_atoms = excluded.n_atoms,"
        " pbc = excluded.pbc, labels = excluded.labels, arrays = excluded.arrays, checksum = excluded.checksum"
        " WHERE arrays IS NOT excluded.arrays OR checksum IS NOT excluded.checksum OR content_hash IS NOT excluded.content_hash"
        " OR label_hash IS NOT excluded.label_hash OR n_atoms IS NOT excluded.n_atoms OR labels IS NOT excluded.labels",
        rows,
    )
    digests = [row[0] for row in rows]
    ids = _ids(database, "configurations", digests)
    return [(ids[digest], digest) for digest in digests]


def _add_descriptions(database: Database, frames: Sequence[Frame], configurations: Sequence[tuple[int, bytes]]) -> list[int]:
    """Return the id of each frame."""
    rows = []
    for frame, (configuration_id, configuration) in zip(frames, configurations, strict=True):
        description = _describe(frame)
        rows.append((description_digest(configuration, description), configuration_id, description))
    database.conn.executemany(
        "INSERT INTO frames (digest, configuration_id, description) VALUES (?, ?, ?) ON CONFLICT (digest) DO UPDATE SET"
        " configuration_id = excluded.configuration_id, description = excluded.description"
        " WHERE description IS NOT excluded.description OR configuration_id IS NOT excluded.configuration_id",
        rows,
    )
    ids = _ids(database, "frames", [row[0] for row in rows])
    return [ids[row[0]] for row in rows]


def _ids(database: Database, table: str, digests: Sequence[bytes]) -> dict[bytes, int]:
    marks = ", ".join("?" * len(digests))
    query = f"SELECT digest, id FROM {table} WHERE digest IN ({marks})"  # noqa: S608 - the table is one of two constants
    return dict(database.execute(query, digests).fetchall())


def _describe(frame: Frame) -> str:
    """Return everything but arrays as JSON; escaped, so that file names which are no valid Unicode survive."""
    facts = {
        "name": frame.name,
        "compound": frame.compound,
        "origin": [frame.origin.path, frame.origin.index, frame.origin.keys],
        "info": dict(frame.info),
        "flags": [[flag.code, flag.message, flag.advice, flag.excludes] for flag in frame.flags],
    }
    return json.dumps(facts, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    """Turn a numpy scalar, which readers find in files, into Python's own number."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be stored with a frame")


def description_digest(configuration: object, description: object) -> bytes:
    """Return the identity of a frame: SHA-256 of its configuration's digest and its description; empty for damaged ones."""
    if not isinstance(configuration, bytes) or not isinstance(description, str):
        return b""
    return hashlib.sha256(configuration + description.encode()).digest()
