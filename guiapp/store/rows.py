"""Rows of a project: what benchmarks reduced their predictions to."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from typing import Any

from guiapp.benchmarks.row import Row
from guiapp.store.connections import Connections
from guiapp.store.text import storable

_NAMES = tuple(field.name for field in dataclasses.fields(Row))
_FIELDS = ", ".join(_NAMES)


class RowStore:
    """The rows of a project, by job, model and family, with the code version that made them."""

    def __init__(self, connections: Connections) -> None:
        """Work on an open project."""
        self._connections = connections

    def keep(self, job: str, rows: Iterable[Row], *, reducer: str) -> None:
        """Store the rows of a job in place of those it had for the same families and models.

        Args:
            job: Identifier of a job of this project.
            rows: Any number of rows.
            reducer: Code version of what made them; rows of another version are out of date.
        """
        new = list(rows)
        with self._connections.write() as database:
            database.conn.executemany(
                "DELETE FROM benchmark_rows WHERE job_id = ? AND family = ? AND model = ?",
                [(job, *key) for key in {(storable(row.family), storable(row.model)) for row in new}],
            )
            database.conn.executemany(
                f"INSERT INTO benchmark_rows (job_id, reducer, {_FIELDS})"  # noqa: S608 - a constant
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(job, reducer, *map(_value, dataclasses.astuple(row))) for row in new],
            )

    def find(
        self, *, job: str | None = None, family: str | None = None, model: str | None = None, reducer: str | None = None
    ) -> tuple[Row, ...]:
        """Return rows in the order they were stored.

        Args:
            job: Only of this job.
            family: Only of this benchmark family.
            model: Only of this model.
            reducer: Only made by this code version; others are out of date.
        """
        wanted = {"job_id": job, "family": family, "model": model, "reducer": reducer}
        conditions = {column: value for column, value in wanted.items() if value is not None}
        where = " AND ".join(f"{column} = ?" for column in conditions) or "1"
        query = f"SELECT {_FIELDS} FROM benchmark_rows WHERE {where} ORDER BY id"  # noqa: S608 - columns are the constants above
        return tuple(_row(*values) for values in self._connections.read(query, tuple(conditions.values())))


def _value(value: str | float | None) -> str | float | None:
    return storable(value) if isinstance(value, str) else value


def _row(*values: Any) -> Row:
    """Return a row; SQLite keeps NaN as NULL, and both values of a row are always numbers."""
    facts: dict[str, Any] = dict(zip(_NAMES, values, strict=True))
    for name in ("predicted", "reference"):
        if facts[name] is None:
            facts[name] = math.nan
    return Row(**facts)
