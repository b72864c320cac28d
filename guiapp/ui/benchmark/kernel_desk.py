"""What connects the switch of the compiled kernel with the settings; files are read and written in the background."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from guiapp.potentials.optional_kernel import KernelState, kernel_state, turn_kernel
from guiapp.ui.background import Background
from guiapp.ui.benchmark.kernel_switch import KernelSwitch
from guiapp.ui.workers.task_thread import TaskState


class KernelDesk(QObject):
    """Shows how things stand, and keeps what the user wants."""

    def __init__(self, background: Background, switch: KernelSwitch, parent: QObject) -> None:
        """Serve a switch; ``refresh`` looks how things stand."""
        super().__init__(parent)
        self._background, self._switch = background, switch
        switch.switched.connect(self._turn)

    @Slot()
    def refresh(self) -> None:
        """Look again."""
        self._background.start(lambda _state: kernel_state(), self._switch.show_state)

    @Slot(bool)
    def _turn(self, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        def work(_state: TaskState) -> KernelState:
            turn_kernel(on=on)
            return kernel_state()

        self._background.start(work, self._switch.show_state, failed=self._take_failure)

    @Slot(object)
    def _take_failure(self, _error: Exception) -> None:
        self.refresh()  # the box must not show what was not kept
