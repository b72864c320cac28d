"""Look at the viewer alone: ``python -m guiapp.ui.viewer [FILE] [--dark]``; without a file the shipped labels."""

from __future__ import annotations

import sys
from importlib.resources import as_file, files

from PySide6.QtWidgets import QApplication

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.reading.read import read_frames
from guiapp.ui.theme import DARK, LIGHT, apply_theme
from guiapp.ui.viewer.panel import ViewerPanel


class _Preview(ViewerPanel):
    """Steps through the frames of a file by itself."""

    def __init__(self, frames: list[Frame], *, dark: bool) -> None:
        super().__init__(DARK if dark else LIGHT)
        self._frames, self._place = frames, 0
        self.step_requested.connect(self._step)
        self._step(0)

    def _step(self, step: int) -> None:
        self._place = (self._place + step) % len(self._frames)
        self.set_frame(self._frames[self._place])


def main() -> int:
    """Show the frames of a file; arrow keys step through them."""
    app = QApplication(sys.argv)
    paths = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    dark = "--dark" in sys.argv
    apply_theme(app, DARK if dark else LIGHT)
    try:
        with as_file(files("resources").joinpath("reference/high-energy/labels.extxyz")) as shipped:
            result = read_frames(paths or [shipped])
    except UserFacingError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a preview tells on the terminal
        return 2
    preview = _Preview([frame for one in result.sets for frame in one.frames], dark=dark)
    preview.resize(350, 820)
    preview.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
