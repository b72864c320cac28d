"""The card for the address of a scheduler and its certificates."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from guiapp.engine.cluster.address import SchedulerAddress
from guiapp.engine.cluster.profile import tls_files
from guiapp.errors import UserFacingError
from guiapp.ui.cluster_page.file_field import FileField

_WITHOUT = "Without encryption: anyone on the network between can read, change results and run programs as you"


class AddressCard(QFrame):
    """Takes an address; certificates are asked for where it is encrypted, and a risk is accepted where it is not.

    Signals:
        connect_requested(object): A ``SchedulerAddress`` that is sound.
        save_requested(object): The same, to be kept as a profile.
        refused(object): A ``UserFacingError``: what is wrong with what was typed.
    """

    connect_requested = Signal(object)
    save_requested = Signal(object)
    refused = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without an address."""
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAccessibleName("Address of a scheduler")
        self.edit = QLineEdit()
        self.edit.setPlaceholderText("tls://host:8786")
        self.edit.setAccessibleName("Address of the scheduler")
        self.authority, self.certificate, self.key = FileField("Authority"), FileField("Certificate"), FileField("Private key")
        self.without = QCheckBox(_WITHOUT)
        self.connect_button = QPushButton("Connect")
        self.connect_button.setProperty("role", "primary")
        self.save_button = QPushButton("Save as profile")
        self.save_button.setToolTip("Keep this address and its files under the name of its machine")
        self.edit.textChanged.connect(self._show_needed)
        self.edit.returnPressed.connect(self._connect)
        self.connect_button.clicked.connect(self._connect)
        self.save_button.clicked.connect(self._save)
        for button in (self.connect_button, self.save_button):
            button.setAutoDefault(False)
        self._lay_out()
        self._show_needed()

    def set_address(self, address: SchedulerAddress) -> None:
        """Fill the card in."""
        self.edit.setText(address.url)
        if address.tls is not None:
            files = (address.tls.authority, address.tls.certificate, address.tls.key)
            for field, path in zip((self.authority, self.certificate, self.key), files, strict=True):
                field.edit.setText(str(path))
        self.without.setChecked(address.without_tls)

    @Slot()
    def _show_needed(self) -> None:
        """Ask for certificates where the address is encrypted, for consent where it is not."""
        scheme = self.edit.text().strip().partition("://")[0]
        encrypted = scheme != "tcp"
        for widget in self._tls_rows:
            widget.setVisible(encrypted)
        here = any(name in self.edit.text() for name in ("127.0.0.1", "localhost", "[::1]"))
        self.without.setVisible(not encrypted and not here)
        for button in (self.connect_button, self.save_button):
            button.setEnabled(bool(self.edit.text().strip()))

    @Slot()
    def _connect(self) -> None:
        address = self._address()
        if address is not None:
            self.connect_requested.emit(address)

    @Slot()
    def _save(self) -> None:
        address = self._address()
        if address is not None:
            self.save_requested.emit(address)

    def _address(self) -> SchedulerAddress | None:
        url = self.edit.text().strip()
        try:
            encrypted = not url.startswith("tcp://")
            tls = tls_files(self.authority.path, self.certificate.path, self.key.path) if encrypted else None
            return SchedulerAddress(url, tls, self.without.isChecked() and not encrypted).checked()
        except UserFacingError as error:
            self.refused.emit(error)
            return None

    def _lay_out(self) -> None:
        title = QLabel("A scheduler that runs")
        title.setProperty("role", "title")
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        self._tls_rows: list[QWidget] = []
        rows: tuple[tuple[str, QWidget], ...] = (
            ("Address", self.edit),
            ("Authority", self.authority),
            ("Certificate", self.certificate),
            ("Private key", self.key),
        )
        for row, (words, field) in enumerate(rows):
            label = QLabel(words)
            label.setProperty("role", "muted")
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
            if row:
                self._tls_rows += [label, field]
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.save_button)
        foot.addWidget(self.connect_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(title)
        layout.addLayout(grid)
        layout.addWidget(self.without, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(foot)
