"""What the user sees of a bug: what is safe, and a report to copy."""

from __future__ import annotations

import platform
import sys
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from guiapp import __version__


def crash_report(error: BaseException) -> str:
    """Return the text that a maintainer needs: versions and the traceback."""
    lines = [f"Temper {__version__}, Python {platform.python_version()}, {platform.platform()}", ""]
    return "\n".join(lines) + "".join(traceback.format_exception(error))


class CrashDialog(QDialog):
    """A bug, told honestly; the program goes on."""

    def __init__(self, error: BaseException, parent: QWidget | None = None) -> None:
        """Show one error."""
        super().__init__(parent)
        self.setWindowTitle("Something in Temper went wrong")
        self.setMinimumSize(640, 380)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        words = QLabel(
            "This is a bug in Temper, not a mistake of yours. Everything computed so far is kept in the project. "
            "You can go on; if the window behaves oddly, restart it. Please send this report to the maintainers."
        )
        words.setWordWrap(True)
        self._report = QPlainTextEdit(crash_report(error))
        self._report.setReadOnly(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = QPushButton("Copy report")
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addWidget(self._report, 1)
        layout.addWidget(buttons)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report.toPlainText())


class CrashReporter(QObject):
    """Catches what nothing else caught, from any thread, and shows it in the Qt thread.

    Signals:
        caught: The exception.
    """

    caught = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Install itself as the interpreter's last resort."""
        super().__init__(parent)
        self._dialog: CrashDialog | None = None
        self.caught.connect(self.show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take over ``sys.excepthook``; errors still go to the terminal as well."""
        sys.excepthook = self._hook

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if not issubclass(kind, KeyboardInterrupt):
            self.caught.emit(error)

    @Slot(object)
    def show(self, error: BaseException) -> None:
        """Show the report; a second bug while one is shown goes to the terminal only."""
        if self._dialog is not None and self._dialog.isVisible():
            return
        self._dialog = CrashDialog(error)
        self._dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        self._dialog.show()
