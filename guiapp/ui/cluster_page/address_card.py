"""The card for the address of a scheduler and its certificates."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QWidget

from guiapp.engine.cluster.address import SchedulerAddress
from guiapp.engine.cluster.profile import tls_files
from guiapp.ui.cluster_page.card import FormCard
from guiapp.ui.cluster_page.file_field import FileField

_WITHOUT = "Without encryption: anyone on the network between can read, change results and run programs as you"


class AddressCard(FormCard):
    """Takes an address; certificates are asked for where it is encrypted, and a risk is accepted where it is not.

    Signals:
        connect_requested(object): A ``SchedulerAddress`` that is sound; ``save_requested`` tells the same, to be kept as a profile.
    """

    connect_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without an address."""
        super().__init__("A scheduler that runs", parent, name="Address of a scheduler")
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
        self.add_field("Address", self.edit)
        self._tls_rows: list[QWidget] = []
        for words, field in (("Authority", self.authority), ("Certificate", self.certificate), ("Private key", self.key)):
            self._tls_rows += [self.add_field(words, field), field]
        self.lay_out((self.save_button, self.connect_button), before_buttons=self.without)
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
        self.tell(self.connect_requested, self._address)

    @Slot()
    def _save(self) -> None:
        self.tell(self.save_requested, self._address)

    def _address(self) -> SchedulerAddress:
        url = self.edit.text().strip()
        encrypted = not url.startswith("tcp://")
        tls = tls_files(self.authority.path, self.certificate.path, self.key.path) if encrypted else None
        return SchedulerAddress(url, tls, self.without.isChecked() and not encrypted).checked()
