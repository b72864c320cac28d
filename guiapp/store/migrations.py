"""From one version of the project file to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from guiapp.store.database import Database
from guiapp.store.schema import VERSION_1


@dataclass(frozen=True)
class Migration:
    """One step; it runs inside a transaction together with the new version number."""

    version: int
    """The version of the file after the step."""
    title: str
    """What changes, in a few words; it is logged."""
    apply: Callable[[Database], object]


def _create_version_1(database: Database) -> None:
    database.executescript(VERSION_1)


MIGRATIONS: tuple[Migration, ...] = (Migration(1, "first version", _create_version_1),)
"""Every step since the empty file. A released step never changes: a new one is added."""


def newest_version(steps: Sequence[Migration] = MIGRATIONS) -> int:
    """Return the version that this program writes."""
    return steps[-1].version


def file_version(database: Database) -> int:
    """Return the version of an open file; 0 for an empty one."""
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def migrate(database: Database, steps: Sequence[Migration] = MIGRATIONS, *, up_to: int | None = None) -> list[int]:
    """Apply the steps that a file lacks, all or none.

    The caller holds the write transaction, so that two programs that open an old file at once do not both migrate it.

    Args:
        database: Connection with an open write transaction.
        steps: All steps in order.
        up_to: Stop at this version; None for the newest.

    Returns:
        The versions that were applied, in order.
    """
    present = file_version(database)
    last = newest_version(steps) if up_to is None else up_to
    missing = [step for step in steps if present < step.version <= last]
    for step in missing:
        step.apply(database)
        database.execute(f"PRAGMA user_version = {step.version:d}")
    return [step.version for step in missing]
