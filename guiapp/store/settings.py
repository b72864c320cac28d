"""Settings that belong to one project: active sets, filter, models, window state."""

from __future__ import annotations

import json
from typing import Any

from guiapp.store.connections import Connections


class SettingStore:
    """Values by key; anything that JSON can hold."""

    def __init__(self, connections: Connections) -> None:
        """Work on an open project."""
        self._connections = connections

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key, or the default where it was never set."""
        rows = self._connections.read("SELECT value FROM settings WHERE key = ?", (key,))
        return json.loads(rows[0][0]) if rows else default

    def set(self, key: str, value: Any) -> None:
        """Store a value.

        Raises:
            TypeError: Where JSON cannot hold the value.
        """
        text = json.dumps(value)
        with self._connections.write() as database:
            database.execute("INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, text))

    def remove(self, key: str) -> None:
        """Forget a key; nothing happens where it was never set."""
        with self._connections.write() as database:
            database.execute("DELETE FROM settings WHERE key = ?", (key,))

    def all(self) -> dict[str, Any]:
        """Return every setting."""
        return {key: json.loads(value) for key, value in self._connections.read("SELECT key, value FROM settings ORDER BY key")}
