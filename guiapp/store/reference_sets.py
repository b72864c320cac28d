"""Reference sets of a project: reopening it shows the same sets without the files they came from."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.store.connections import Connections
from guiapp.store.frames import COLUMNS, FrameStore
from guiapp.store.text import storable


@dataclass(frozen=True)
class StoredSet:
    """What is known of a reference set without reading its frames."""

    name: str
    title: str
    family: str
    provenance: Provenance
    n_frames: int


class ReferenceSetStore:
    """The reference sets of a project, in the order of the browser."""

    def __init__(self, connections: Connections, frames: FrameStore) -> None:
        """Work on an open project."""
        self._connections = connections
        self._frames = frames

    def save(self, reference_set: ReferenceSet) -> None:
        """Store a set with all its frames; one of the same name is replaced and keeps its place."""
        provenance = json.dumps(dataclasses.asdict(reference_set.provenance))
        title, family = storable(reference_set.title), storable(reference_set.family)
        with self._connections.write() as database:
            database.execute(
                "INSERT INTO reference_sets (name, title, family, provenance, position)"
                " VALUES (?, ?, ?, ?, (SELECT coalesce(max(position), -1) + 1 FROM reference_sets))"
                " ON CONFLICT (name) DO UPDATE SET"
                " title = excluded.title, family = excluded.family, provenance = excluded.provenance",
                (storable(reference_set.name), title, family, provenance),
            )
            set_id = self._id(reference_set.name)
            had_frames = database.execute("DELETE FROM set_frames WHERE set_id = ?", (set_id,)).rowcount > 0
            ids = self._frames.add(reference_set.frames)
            database.conn.executemany(
                "INSERT INTO set_frames (set_id, position, frame_id) VALUES (?, ?, ?)",
                [(set_id, position, frame_id) for position, frame_id in enumerate(ids)],
            )
            if had_frames:
                self._frames.remove_unused()

    def summaries(self) -> tuple[StoredSet, ...]:
        """Return what is known of all sets without reading their frames, in order."""
        rows = self._connections.read(
            "SELECT name, title, family, provenance, (SELECT count(*) FROM set_frames f WHERE f.set_id = s.id)"
            " FROM reference_sets s ORDER BY position, id"
        )
        return tuple(StoredSet(name, title, family, _provenance(facts), count) for name, title, family, facts, count in rows)

    def load(self, name: str) -> ReferenceSet:
        """Return a set with its frames in order; damaged frames are left out and reported.

        Raises:
            KeyError: Where the project has no set of that name.
        """
        frames: list[Frame] = []
        with self._connections.reading() as database:
            head = database.execute(
                "SELECT id, name, title, family, provenance FROM reference_sets WHERE name = ?", (storable(name),)
            ).fetchone()
            if head is None:
                raise KeyError(name)
            rows = database.execute(
                f"SELECT {COLUMNS}, s.compound FROM set_frames s JOIN frames f ON f.id = s.frame_id"  # noqa: S608 - a constant
                " JOIN configurations c ON c.id = f.configuration_id WHERE s.set_id = ? ORDER BY s.position",
                (head[0],),
            )
            for *row, compound in rows:
                frame = self._frames.decode(row, compound=compound)
                if frame is not None:
                    frames.append(frame)
        return ReferenceSet(head[1], head[2], tuple(frames), _provenance(head[4]), head[3])

    def load_all(self) -> tuple[ReferenceSet, ...]:
        """Return all sets in order."""
        return tuple(self.load(stored.name) for stored in self.summaries())

    def remove(self, name: str) -> None:
        """Delete a set; frames that a job still refers to stay."""
        with self._connections.write() as database:
            database.execute("DELETE FROM reference_sets WHERE name = ?", (storable(name),))
            self._frames.remove_unused()

    def reorder(self, names: Sequence[str]) -> None:
        """Put the named sets first, in this order; the others follow as they were."""
        with self._connections.write() as database:
            others = [stored.name for stored in self.summaries() if stored.name not in {storable(name) for name in names}]
            database.conn.executemany(
                "UPDATE reference_sets SET position = ? WHERE name = ?",
                [(position, storable(name)) for position, name in enumerate([*names, *others])],
            )

    def regroup(self, name: str, frames: Iterable[Frame], compound: str | None) -> None:
        """Put frames of a set into another compound.

        Args:
            name: Name of the set.
            frames: Frames of the set, known by their content and labels; all others stay as they are.
            compound: The compound they belong to from now on; None for the one their file named.

        Raises:
            KeyError: Where the project has no set of that name.
        """
        override = None if compound is None else storable(compound)
        with self._connections.write() as database:
            set_id = self._id(name)
            database.conn.executemany(
                "UPDATE set_frames SET compound = ? WHERE set_id = ? AND frame_id IN (SELECT f.id FROM frames f"
                " JOIN configurations c ON c.id = f.configuration_id WHERE c.content_hash = ? AND c.label_hash = ?)",
                [(override, set_id, frame.content_hash, frame.label_hash) for frame in frames],
            )

    def _id(self, name: str) -> int:
        rows = self._connections.read("SELECT id FROM reference_sets WHERE name = ?", (storable(name),))
        if not rows:
            raise KeyError(name)
        return int(rows[0][0])


def _provenance(facts: str) -> Provenance:
    known = {field.name for field in dataclasses.fields(Provenance)}
    return Provenance(**{key: value for key, value in json.loads(facts).items() if key in known})
