"""Look at the browser alone: ``python -m guiapp.ui.browser [--dark]``."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication

from guiapp.ui.browser.panel import BrowserPanel, ScaleEntry
from guiapp.ui.browser.preview import shipped_set
from guiapp.ui.theme import DARK, LIGHT, apply_theme


def main() -> int:
    """Show the shipped labels with invented scales, and print what the panel tells."""
    app = QApplication(sys.argv)
    palette = DARK if "--dark" in sys.argv else LIGHT
    apply_theme(app, palette)
    panel = BrowserPanel(palette)
    panel.resize(300, 800)
    reference_set = shipped_set()
    panel.demo_requested.connect(lambda: panel.set_sets([reference_set]))
    panel.compound_selected.connect(lambda name: print("compound", name))  # noqa: T201 - a preview tells on the terminal
    panel.frame_selected.connect(lambda frame: print("frame", frame.compound, frame.name))  # noqa: T201
    panel.paths_dropped.connect(lambda paths: print("dropped", *paths))  # noqa: T201
    compounds = list(reference_set.compounds)
    panel.set_scales(
        {
            name: ScaleEntry(0.6 + 0.5 * k / len(compounds), enough_signal=k % 9 != 8, interval=(0.55, 1.1))
            for k, name in enumerate(compounds)
        }
    )
    panel.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
