"""Look at the benchmark panels alone: ``python -m guiapp.ui.benchmark [--dark]``."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

from guiapp.engine.job import FrameFailure, JobState
from guiapp.potentials.potential import PotentialCard
from guiapp.ui.benchmark.failures_dialog import FailuresDialog
from guiapp.ui.benchmark.jobs_panel import JobsPanel, JobView
from guiapp.ui.benchmark.setup import BenchmarkSetup
from guiapp.ui.browser.preview import shipped_set
from guiapp.ui.theme import DARK, LIGHT, apply_theme

CARDS = (
    PotentialCard("chgnet-0.3.0", "CHGNet 0.3.0", "chgnet", "PBE/PBE+U", "MPtrj", "BSD-3", "Deng 2023", None, "ready"),
    PotentialCard("chgnet-r2scan", "CHGNet r2SCAN", "chgnet", "r2SCAN", "MP-r2SCAN", "BSD-3", "", None, "ready"),
    PotentialCard("mace-mp-0", "MACE-MP-0", "mace", "PBE/PBE+U", "MPtrj", "MIT", "", None, "weights are not on this machine"),
)
VIEWS = (
    JobView("1", "High-energy states · CHGNet 0.3.0", JobState.RUNNING, 131, 264, rate=38.2, seconds_left=3.5),
    JobView("2", "High-energy states · CHGNet r2SCAN", JobState.WAITING, 0, 264, seconds_left=20),
    JobView("3", "mlearn Ge · CHGNet 0.3.0", JobState.DONE, 264, 264, seconds=7.1),
    JobView("4", "Surfaces · MACE-MatPES", JobState.DONE, 9, 9, failed=1, seconds=41),
    JobView("5", "Alloys · CHGNet 0.3.0", JobState.INTERRUPTED, 40, 180),
    JobView("6", "Broken · CHGNet 0.3.0", JobState.FAILED, 0, 12, note="the weights file is damaged"),
    JobView("7", "mlearn Si · CHGNet 0.3.0", JobState.RUNNING, 0, 80, note="loading CHGNet 0.3.0"),
    JobView("8", "mlearn Cu · CHGNet 0.3.0", JobState.PAUSED, 30, 80),
)
FAILURES = (
    FrameFailure("a1", "frame 7", "MgO(110)", "An atom has no neighbour within 6 Å.", "CHGNet cannot take isolated atoms: leave it out."),
    FrameFailure("b2", "frame 2", "AmO2", "Element Am is unknown to CHGNet 0.3.0.", "Choose a model that was trained on actinides."),
)


def main() -> int:
    """Show jobs in every state; Run benchmark opens the set-up."""
    app = QApplication(sys.argv)
    palette = DARK if "--dark" in sys.argv else LIGHT
    apply_theme(app, palette)
    window = QWidget()
    window.resize(900, 360)
    button = QPushButton("Run benchmark")
    jobs = JobsPanel(palette)
    for view in VIEWS:
        jobs.update_job(view)
    setup = BenchmarkSetup(palette, window)
    setup.set_sets([shipped_set()])
    setup.set_models(CARDS)
    setup.set_estimate(lambda request: f"about {7 * len(request.models)} s on the CPU")
    button.clicked.connect(lambda: setup.open_under(button))
    jobs.failures_requested.connect(lambda job: FailuresDialog(job, jobs.row(job).view.title, FAILURES, window).show())
    setup.run_requested.connect(print)
    layout = QVBoxLayout(window)
    layout.addWidget(button)
    layout.addWidget(jobs, 1)
    window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
