"""One download of a data set outside the Qt thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, QThread, Signal, SignalInstance, Slot

from guiapp.errors import UserFacingError
from guiapp.frames.catalogue import CatalogueSet
from guiapp.frames.download import StoppedError, StopSwitch
from guiapp.frames.library import DataLibrary


class DownloadThread(QThread):
    """Fetches one set; what has come is kept whatever happens.

    Signals:
        progressed: The set's name and a ``DownloadProgress``, at most ten times a second.
        succeeded: The set's name.
        stopped: The set's name; the user stopped it.
        refused: The set's name and a ``UserFacingError``.
        crashed: Any other exception: a bug.
    """

    progressed = Signal(str, object)
    succeeded = Signal(str)
    stopped = Signal(str)
    refused = Signal(str, object)
    crashed = Signal(object)

    def __init__(self, library: DataLibrary, one: CatalogueSet, parent: QObject | None = None) -> None:
        """Prepare the thread; ``start()`` runs it."""
        super().__init__(parent)
        self.set = one
        self._library = library
        self._switch = StopSwitch()
        self._outcome: tuple[SignalInstance, tuple[object, ...]] | None = None
        self.finished.connect(self._deliver)

    def stop(self) -> None:
        """End the download within moments, even where the server is silent."""
        self._switch.stop()

    def run(self) -> None:
        """Fetch (called by Qt in the new thread)."""
        name = self.set.name
        try:
            self._library.download(self.set, lambda progress: self.progressed.emit(name, progress), self._switch)
        except StoppedError:
            self._outcome = (self.stopped, (name,))
        except UserFacingError as error:
            self._outcome = (self.refused, (name, error))
        except Exception as error:  # noqa: BLE001 - every bug must reach the crash report, whatever its type
            self._outcome = (self.crashed, (error,))
        else:
            self._outcome = (self.succeeded, (name,))

    @Slot()
    def _deliver(self) -> None:
        """Tell how it ended when the thread is over, so that whoever hears of it may start another one."""
        outcome, self._outcome = self._outcome, None
        if outcome is not None:
            signal, values = outcome
            signal.emit(*values)
