"""Jobs of a project: what was asked for, how far it is, what failed, and what a killed program left behind."""

from __future__ import annotations

import dataclasses
import json
import logging
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from guiapp.engine.job import BenchmarkJob, FrameFailure, JobState, Progress
from guiapp.frames.frame import Frame
from guiapp.store.connections import Connections
from guiapp.store.database import Database
from guiapp.store.errors import ProjectError
from guiapp.store.frames import COLUMNS, FrameStore
from guiapp.store.heart import Heart
from guiapp.store.owner import THIS_PROGRAM, Owner
from guiapp.store.text import storable

_LOG = logging.getLogger(__name__)
_LIVE = (JobState.WAITING, JobState.RUNNING, JobState.PAUSED)
_LIVE_SQL = "state IN ('waiting', 'running', 'paused')"
_OVER = (JobState.DONE, JobState.CANCELLED, JobState.FAILED)
_RECORD = "id, family, model, mode, device, settings, state, created, started, finished, done, total, kept, failed, note"
_OWNER = "owner_host, owner_pid, owner_instance, heartbeat"
_PROGRESS_INTERVAL = 1.0  # seconds; progress comes 20 times a second and each write is an fsync


@dataclass(frozen=True)
class JobRecord:
    """One job as the project knows it; times are seconds since 1970."""

    id: str
    family: str
    model: str
    mode: str
    device: str
    settings: Mapping[str, str | float | int | bool]
    state: JobState
    created: float
    started: float | None
    finished: float | None
    done: int
    total: int
    kept: int
    failed: int
    note: str


class JobStore:
    """The jobs of a project."""

    def __init__(self, connections: Connections, frames: FrameStore) -> None:
        """Work on an open project."""
        self._connections = connections
        self._frames = frames
        self._heart = Heart(self.beat)
        self._written: dict[str, tuple[JobState, float]] = {}
        self._mine: set[str] = set()
        self._lock = threading.Lock()

    def create(self, job: BenchmarkJob) -> JobRecord:
        """Store a new job with its frames; it waits, and this program owns it.

        Raises:
            ValueError: Where the project has a job of that id.
        """
        with self._connections.write() as database:
            if self._rows("WHERE id = ?", job.id):
                raise ValueError(f"the project already has a job {job.id}")
            texts = (job.id, job.family, job.model, job.mode, job.device)
            database.execute(
                "INSERT INTO jobs (id, family, model, mode, device, settings, state, created, total) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*map(storable, texts), json.dumps(dict(job.settings)), JobState.WAITING.value, time.time(), len(job.frames)),
            )
            database.conn.executemany(
                "INSERT INTO job_frames (job_id, position, frame_id) VALUES (?, ?, ?)",
                [(job.id, position, frame_id) for position, frame_id in enumerate(self._frames.add(job.frames))],
            )
            _own(database, job.id)
        self._mine.add(job.id)
        self._heart.start()
        return self.record(job.id)

    def claim(self, job_id: str) -> bool:
        """Take a job over to run or resume it; it waits then, its failures are forgotten.

        Returns:
            False where another live program has it.
        """
        with self._connections.write() as database:
            owner, heartbeat = self._owner(job_id)
            if owner != THIS_PROGRAM and self.record(job_id).state in _LIVE and owner.is_alive(heartbeat):
                return False
            database.execute(
                "UPDATE jobs SET state = ?, finished = NULL, note = '' WHERE id = ?",
                (JobState.WAITING.value, job_id),
            )
            database.execute("DELETE FROM failures WHERE job_id = ?", (job_id,))
            _own(database, job_id)
        with self._lock:
            self._written.pop(job_id, None)
            self._mine.add(job_id)
        self._heart.start()
        return True

    def update(self, progress: Progress) -> None:
        """Store how far a job is; within one state at most once a second, so it may be called for every message."""
        now = time.monotonic()
        with self._lock:
            state, at = self._written.get(progress.job, (None, 0.0))
            if state == progress.state and now - at < _PROGRESS_INTERVAL:
                return
            self._written[progress.job] = (progress.state, now)
        over = progress.state in _OVER
        with self._connections.write() as database:
            database.execute(
                "UPDATE jobs SET state = ?, done = ?, total = ?, kept = ?, failed = ?, note = ?, heartbeat = ?,"
                " started = CASE WHEN started IS NULL AND ? THEN ? ELSE started END, finished = ? WHERE id = ?",
                (
                    progress.state.value,
                    progress.done,
                    progress.total,
                    progress.kept,
                    progress.failed,
                    storable(progress.note),
                    time.time(),
                    progress.state is JobState.RUNNING,
                    time.time(),
                    time.time() if over else None,
                    progress.job,
                ),
            )

    def add_failures(self, job_id: str, failures: Iterable[FrameFailure]) -> None:
        """Store frames that could not be predicted; a frame that fails again replaces its entry."""
        with self._connections.write() as database:
            database.conn.executemany(
                "INSERT INTO failures (job_id, frame_hash, frame_name, compound, reason, advice) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (job_id, frame_hash, frame_name, compound) DO UPDATE SET"
                " reason = excluded.reason, advice = excluded.advice",
                [(job_id, *map(storable, (f.frame_hash, f.frame_name, f.compound, f.reason, f.advice))) for f in failures],
            )

    def failures(self, job_id: str) -> tuple[FrameFailure, ...]:
        """Return the frames of a job that could not be predicted, in order of their first failure."""
        query = "SELECT frame_hash, frame_name, compound, reason, advice FROM failures WHERE job_id = ? ORDER BY id"
        return tuple(FrameFailure(*row) for row in self._connections.read(query, (job_id,)))

    def record(self, job_id: str) -> JobRecord:
        """Return one job.

        Raises:
            KeyError: Where the project has no such job.
        """
        rows = self._rows("WHERE id = ?", job_id)
        if not rows:
            raise KeyError(job_id)
        return _record(rows[0])

    def records(self) -> tuple[JobRecord, ...]:
        """Return all jobs, oldest first."""
        return tuple(_record(row) for row in self._rows("ORDER BY created, rowid"))

    def load(self, job_id: str) -> BenchmarkJob:
        """Return a job ready to run again; damaged frames are left out and reported.

        Raises:
            KeyError: Where the project has no such job.
        """
        record = self.record(job_id)
        frames: list[Frame] = []
        with self._connections.reading() as database:
            rows = database.execute(
                f"SELECT {COLUMNS} FROM job_frames j JOIN frames f ON f.id = j.frame_id"  # noqa: S608 - a constant
                " JOIN configurations c ON c.id = f.configuration_id WHERE j.job_id = ? ORDER BY j.position",
                (job_id,),
            )
            for row in rows:
                frame = self._frames.decode(row)
                if frame is not None:
                    frames.append(frame)
        return BenchmarkJob(record.id, record.family, record.model, tuple(frames), record.device, record.mode, record.settings)

    def unfinished(self) -> tuple[JobRecord, ...]:
        """Return the jobs that can be resumed: those whose program is gone without having finished them.

        Jobs found waiting, running or paused under a program that no longer lives are marked interrupted. Jobs of other
        live programs on the same file are theirs and not returned.
        """
        lost = [row[0] for row in self._live_rows() if not Owner(*row[1:4]).is_alive(row[4])]
        if lost and self._connections.writable:
            with self._connections.write() as database:
                # Asked again under the lock: meanwhile another program may have taken one over.
                lost = [row[0] for row in self._live_rows() if not Owner(*row[1:4]).is_alive(row[4])]
                database.conn.executemany(
                    "UPDATE jobs SET state = ? WHERE id = ?", [(JobState.INTERRUPTED.value, job_id) for job_id in lost]
                )
        return tuple(
            dataclasses.replace(record, state=JobState.INTERRUPTED)
            for record in self.records()
            if record.state is JobState.INTERRUPTED or record.id in lost
        )

    def discard(self, job_id: str) -> None:
        """Give an interrupted job up: it counts as cancelled, its results stay."""
        with self._connections.write() as database:
            database.execute("UPDATE jobs SET state = ?, finished = ? WHERE id = ?", (JobState.CANCELLED.value, time.time(), job_id))

    def remove(self, job_id: str) -> None:
        """Delete a job with its failures and rows; predictions stay."""
        with self._connections.write() as database:
            database.execute("DELETE FROM jobs WHERE id = ?", (job_id,))
            self._frames.remove_unused()

    def beat(self) -> None:
        """Write a sign of life for every unfinished job of this program; called by a thread every ten seconds."""
        owner = (THIS_PROGRAM.host, THIS_PROGRAM.pid, THIS_PROGRAM.instance)
        mine = f"owner_host = ? AND owner_pid = ? AND owner_instance = ? AND {_LIVE_SQL}"
        if self._connections.read(f"SELECT 1 FROM jobs WHERE {mine} LIMIT 1", owner):  # noqa: S608 - constants
            with self._connections.write() as database:
                database.execute(f"UPDATE jobs SET heartbeat = ? WHERE {mine}", (time.time(), *owner))  # noqa: S608

    def close(self) -> None:
        """Stop the signs of life; what this project still had under way counts as interrupted."""
        self._heart.stop()
        if not self._mine:
            return
        try:
            with self._connections.write() as database:
                database.conn.executemany(
                    f"UPDATE jobs SET state = ? WHERE id = ? AND {_LIVE_SQL}",  # noqa: S608 - a constant
                    [(JobState.INTERRUPTED.value, job_id) for job_id in sorted(self._mine)],
                )
        except ProjectError as error:  # the next program finds them by their missing owner
            _LOG.warning("unfinished jobs could not be marked: %s", error)

    def _rows(self, rest: str, *parameters: str) -> list[tuple[Any, ...]]:
        return self._connections.read(f"SELECT {_RECORD} FROM jobs {rest}", parameters)  # noqa: S608 - constants

    def _live_rows(self) -> list[tuple[Any, ...]]:
        return self._connections.read(f"SELECT id, {_OWNER} FROM jobs WHERE {_LIVE_SQL}")  # noqa: S608 - constants

    def _owner(self, job_id: str) -> tuple[Owner, float]:
        rows = self._connections.read(f"SELECT {_OWNER} FROM jobs WHERE id = ?", (job_id,))  # noqa: S608 - constants
        if not rows:
            raise KeyError(job_id)
        return Owner(*rows[0][:3]), float(rows[0][3])


def _own(database: Database, job_id: str) -> None:
    database.execute(
        "UPDATE jobs SET owner_host = ?, owner_pid = ?, owner_instance = ?, heartbeat = ? WHERE id = ?",
        (THIS_PROGRAM.host, THIS_PROGRAM.pid, THIS_PROGRAM.instance, time.time(), job_id),
    )


def _record(row: tuple[Any, ...]) -> JobRecord:
    identity, family, model, mode, device, settings, state, *rest = row
    return JobRecord(identity, family, model, mode, device, json.loads(settings), JobState(state), *rest)
