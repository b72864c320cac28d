"""What the program remembers between starts: theme, window, recent files, default device."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path
from PySide6.QtCore import QByteArray, QSettings

ORGANISATION = "Temper"
_LONGEST_RECENTS = 10


def demo_project_path() -> Path:
    """Return where this user's demo project lives; its folder is made when the project is."""
    return user_data_path(ORGANISATION, appauthor=False) / "demo.temper"


def own_project_path() -> Path:
    """Return the project that files go into when they are opened before any project is."""
    return user_data_path(ORGANISATION, appauthor=False) / "my-structures.temper"


class Settings:
    """A typed view of the desktop's own settings store."""

    def __init__(self, store: QSettings | None = None) -> None:
        """Use the given store, or the user's own."""
        self._store = store if store is not None else QSettings(ORGANISATION, ORGANISATION)

    @property
    def theme(self) -> str:
        """``system``, ``light`` or ``dark``."""
        value = str(self._store.value("theme", "system"))
        return value if value in {"system", "light", "dark"} else "system"

    @theme.setter
    def theme(self, name: str) -> None:
        self._store.setValue("theme", name)

    @property
    def device(self) -> str:
        """``auto``, ``cpu`` or ``cuda``."""
        value = str(self._store.value("device", "auto"))
        return value if value in {"auto", "cpu", "cuda"} else "auto"

    @device.setter
    def device(self, name: str) -> None:
        self._store.setValue("device", name)

    @property
    def recent_projects(self) -> list[Path]:
        """Projects opened lately and still there, newest first."""
        value = self._store.value("recent", [])
        names = [value] if isinstance(value, str) else list(value) if isinstance(value, list) else []
        return [Path(name) for name in names if Path(name).is_file()]

    def remember_project(self, path: Path) -> None:
        """Put a project at the head of the recent ones."""
        others = [p for p in self.recent_projects if p != path]
        self._store.setValue("recent", [str(p) for p in [path, *others][:_LONGEST_RECENTS]])

    def window_state(self) -> tuple[QByteArray, QByteArray] | None:
        """Return geometry and dock state of the last session, None on the first start."""
        geometry, state = self._store.value("geometry"), self._store.value("state")
        if isinstance(geometry, QByteArray) and isinstance(state, QByteArray):
            return geometry, state
        return None

    def remember_window(self, geometry: QByteArray, state: QByteArray) -> None:
        """Keep geometry and dock state for the next start."""
        self._store.setValue("geometry", geometry)
        self._store.setValue("state", state)

    def forget_window(self) -> None:
        """Return to the layout the program ships."""
        self._store.remove("geometry")
        self._store.remove("state")
