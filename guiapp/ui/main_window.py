"""The main window: it assembles the panels, and passes their intents to the session."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMainWindow, QMessageBox, QVBoxLayout, QWidget

from guiapp import __version__
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.store.schema import SUFFIX
from guiapp.ui.action_menus import ActionMenus
from guiapp.ui.benchmark.jobs_panel import JobsPanel
from guiapp.ui.benchmark.kernel_desk import KernelDesk
from guiapp.ui.benchmark.setup import BenchmarkSetup
from guiapp.ui.browser.panel import BrowserPanel
from guiapp.ui.cluster_page.desk import ClusterDesk
from guiapp.ui.command_palette import CommandPalette
from guiapp.ui.data_page.desk import DataDesk
from guiapp.ui.dock import PanelDock
from guiapp.ui.filter_popup import FilterPopup
from guiapp.ui.layout import WindowLayout
from guiapp.ui.message_bar import MessageBar
from guiapp.ui.models_page.desk import ModelsDesk
from guiapp.ui.project_content import force_frames
from guiapp.ui.results.view import ResultsView
from guiapp.ui.session import Session
from guiapp.ui.settings import Settings, demo_project_path
from guiapp.ui.shortcuts_sheet import ShortcutsSheet
from guiapp.ui.theme import Palette, apply_theme, system_palette
from guiapp.ui.top_bar import TopBar
from guiapp.ui.viewer.panel import ViewerPanel
from guiapp.ui.what_is_this import WhatIsThis
from guiapp.ui.wiring import Wiring

_BROWSER_WIDTH = 270  # a formula, its scale and the bar
_PROJECT_FILES = f"Temper project (*{SUFFIX})"


class MainWindow(QMainWindow):
    """Top bar, browser, results, viewer, jobs, status bar."""

    session: Session
    browser: BrowserPanel
    results: ResultsView

    def __init__(self, session: Session, settings: Settings) -> None:
        """Build the window on a session."""
        super().__init__()
        self.session = session
        self.settings = settings
        self.theme = system_palette(settings.theme)
        apply_theme(_application(), self.theme)
        self.setWindowTitle("Temper")
        self.setAcceptDrops(True)
        self.top_bar = TopBar(self.theme)
        self.message_bar = MessageBar(self.theme)
        self.browser = BrowserPanel(self.theme)
        self.results = ResultsView(self.theme)
        self.viewer = ViewerPanel(self.theme)
        self.jobs_panel = JobsPanel(self.theme)
        self.desk = DataDesk(session.structures, self.theme, self)
        self.cluster_desk = ClusterDesk(session.jobs, session.background, self.theme, self)
        self.models_desk = ModelsDesk(session, self.theme, self)
        self.setup = BenchmarkSetup(self.theme, self)
        self.kernel_desk = KernelDesk(session.background, self.setup.kernel, self)
        self.filter_popup = FilterPopup(self)
        self.command_palette = CommandPalette(self.theme, self)
        self._assemble()
        self.menus = ActionMenus(self)
        self._add_header()
        self.layout_of_docks = WindowLayout(self)
        self.wiring = Wiring(self)
        self.wiring.refresh()
        self.setFocus()  # else Qt lights up the first button that takes it
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    # ---- what actions call

    def open_files(self) -> None:
        """Ask for files and read them."""
        names, _ = QFileDialog.getOpenFileNames(self, "Open structures and DFT results")
        if names:
            self.session.read([Path(name) for name in names])

    def open_folder(self) -> None:
        """Ask for a folder and read everything in it."""
        name = QFileDialog.getExistingDirectory(self, "Open a folder of DFT results")
        if name:
            self.session.read([Path(name)])

    def show_data_page(self) -> None:
        """Open the window of shipped and public data sets."""
        self.desk.show_page()

    def show_cluster_page(self) -> None:
        """Open the window that says where jobs run."""
        self.cluster_desk.show_page()

    def show_models_page(self) -> None:
        """Open the window of models."""
        self.models_desk.show_page()

    def new_project(self) -> None:
        """Ask where a new project shall lie, and open it."""
        path = self._ask_project("New project")
        if path is not None and path.exists():
            self.message_bar.show_error(
                UserFacingError(
                    "There is a file of that name already.", advice="Choose another name, or open it with Open project.", path=path
                )
            )
        elif path is not None:
            self.session.open(path)

    def open_project_dialog(self) -> None:
        """Ask for a project file and open it."""
        name, _ = QFileDialog.getOpenFileName(self, "Open a project", filter=f"{_PROJECT_FILES};;All files (*)")
        if name:
            self.session.open(Path(name))

    def recover_project_dialog(self) -> None:
        """Ask for a damaged project file and open a copy of what can still be read."""
        name, _ = QFileDialog.getOpenFileName(self, "Recover a damaged project", filter=f"{_PROJECT_FILES};;All files (*)")
        if name:
            self.session.recover(Path(name))

    def save_project_as(self) -> None:
        """Ask for a place and copy the project there."""
        path = self._ask_project("Save project as")
        if path is not None:
            self.session.save_as(path)

    def open_demo(self) -> None:
        """Open the demo project of this user."""
        self.session.open(demo_project_path(), demo=True)

    def export_results(self) -> None:
        """Ask for a folder and write numbers and plots into it."""
        name = QFileDialog.getExistingDirectory(self, "Write results into a folder")
        if name:
            self.session.export_results(Path(name))

    def make_report(self) -> None:
        """Ask for a folder and write the report into it."""
        name = QFileDialog.getExistingDirectory(self, "Write a report into a folder")
        if name:
            self.session.make_report(Path(name))

    def show_benchmark_setup(self) -> None:
        """Open the panel that chooses sets, models and device."""
        self.open_setup(self.browser.selected_frames(), choose=False)

    def open_wizard(self) -> None:
        """Open the wizard that corrects a model."""
        self.wiring.open_wizard()

    def show_command_palette(self) -> None:
        """Open the list of all actions."""
        self.command_palette.open_with(self.menus.commands())

    def explain_focus(self) -> None:
        """Explain the term that the focused panel is about; where it has none, the softening scale."""
        place: QWidget | None = QApplication.focusWidget()
        while place is not None and place is not self:
            marks = [mark for mark in place.findChildren(WhatIsThis) if mark.isVisible()]
            if marks:
                marks[0].open_popup()
                return
            place = place.parentWidget()
        self.results.what.open_popup()

    def show_shortcuts(self) -> None:
        """Show all keys."""
        sheet = ShortcutsSheet(self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.show()

    def show_about(self) -> None:
        """Say what this is and what to cite."""
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setModal(False)
        box.setWindowTitle("About Temper")
        box.setText(
            f"<b>Temper {__version__}</b><p>Measures and repairs softening in universal interatomic potentials.</p>"
            "<p>The method: B. Deng et al., <i>Systematic softening in universal machine learning interatomic potentials</i>, "
            "npj Computational Materials 11, 9 (2025).</p>"
        )
        box.show()

    def use_theme(self, name: str) -> None:
        """Dress the window in ``light``, ``dark`` or the system's palette, and remember it."""
        self.settings.theme = name
        self.set_theme(system_palette(name))

    def set_theme(self, palette: Palette) -> None:
        """Repaint everything."""
        self.theme = palette
        apply_theme(_application(), palette)
        for panel in (
            self.top_bar,
            self.message_bar,
            self.desk,
            self.cluster_desk,
            self.models_desk,
            self.browser,
            self.results,
            self.viewer,
            self.jobs_panel,
            self.setup,
            self.command_palette,
        ):
            panel.set_palette(palette)
        for dock in self.docks:
            dock.grip.set_palette(palette)
        self.menus.set_palette(palette)
        self.wiring.refresh()

    def reset_layout(self) -> None:
        """Return docks and sizes to what the program ships."""
        self.layout_of_docks.reset()

    # ---- building

    def _assemble(self) -> None:
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(4, 0, 4, 4)
        column.addWidget(self.results)
        self.setCentralWidget(centre)
        self.browser.setMinimumWidth(_BROWSER_WIDTH)
        self.browser_dock = PanelDock("Structures", self.browser, self.theme, self)
        self.viewer_dock = PanelDock("Viewer", self.viewer, self.theme, self)
        self.jobs_dock = PanelDock("Jobs", self.jobs_panel, self.theme, self)
        self.docks = (self.browser_dock, self.viewer_dock, self.jobs_dock)
        self.project_label = QLabel()
        self.busy_label = QLabel()
        self.kept_label = QLabel()
        for label in (self.project_label, self.busy_label, self.kept_label):
            label.setProperty("role", "small")
        self.statusBar().addWidget(self.project_label)
        self.statusBar().addWidget(self.busy_label, 1)
        self.statusBar().addPermanentWidget(self.kept_label)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().setContentsMargins(12, 0, 12, 0)

    def _add_header(self) -> None:
        header = QWidget()
        rows = QVBoxLayout(header)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        for part in (self.menus.menu_bar, self.top_bar, self.message_bar, self.desk.mixing_bar):
            rows.addWidget(part)
        self.setMenuWidget(header)

    # ---- actions and dialogs

    @Slot(str)
    def run_action(self, identity: str) -> None:
        """Run an action of the table, or say in the status bar why it is not possible now."""
        self.menus.run(identity)

    @Slot(str)
    def notice(self, words: str) -> None:
        """Show a sentence in the status bar for a while."""
        self.statusBar().showMessage(words, 8000)

    def show_project(self, words: str, path: str) -> None:
        """Say in the status bar which project is open."""
        self.project_label.setText(words)
        self.project_label.setToolTip(path)

    @Slot()
    def show_filter(self) -> None:
        """Open the popup of the filter chip."""
        self.filter_popup.show_for(self.session.filter, self.top_bar.filter_chip)

    def open_setup(self, frames: Sequence[Frame], *, choose: bool) -> None:
        """Open the benchmark panel; with ``choose`` these frames are ticked in place of the sets."""
        self.setup.set_sets(self.session.structures.sets)
        self.setup.set_models(self.session.cards(), [name for _, name in self.session.shown_models()])
        counted = {id(frame) for frame in force_frames(self.session.structures.sets)}
        forces = [frame for frame in frames if id(frame) in counted]
        self.setup.set_selection(forces, choose=choose)
        self.setup.high_energy.setChecked(bool(forces if choose else counted))
        self.setup.set_max_force(self.session.filter.max_force)
        self.setup.set_estimate(self.session.estimate_words)
        self.wiring.families.offer_families(frames if choose else ())
        self.kernel_desk.refresh()
        self.setup.open_under(self.top_bar.buttons["run.benchmark"])

    def export_frames(self, frames: Sequence[Frame]) -> None:
        """Ask for a file and write frames with their labels."""
        name, _ = QFileDialog.getSaveFileName(self, "Export structures", "structures.extxyz", "Extended xyz (*.extxyz)")
        if name:
            self.session.structures.export(frames, Path(name))

    @Slot()
    def _follow_system(self) -> None:
        if self.settings.theme == "system":
            self.set_theme(system_palette("system"))

    # ---- window

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files dropped anywhere in the window."""
        if local_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open a project, and read everything else into it."""
        event.acceptProposedAction()
        self.take_paths(local_paths(event.mimeData()))

    @Slot(list)
    def take_paths(self, paths: Sequence[Path]) -> None:
        """Open a project, and read everything else into it."""
        from guiapp.potentials.model_library import is_model  # noqa: PLC0415 - the start has no time for it

        models = [path for path in paths if is_model(path)]
        if models:
            self.models_desk.bring(models)
        projects = [path for path in paths if path.suffix == SUFFIX]
        files = [path for path in paths if path.suffix != SUFFIX and path not in models]
        if projects:
            self.session.open(projects[0], then_read=files)
        elif files:
            self.session.read(files)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the docks to the width."""
        super().resizeEvent(event)
        self.layout_of_docks.follow_width()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the layout and end the session; what runs can be resumed next time."""
        self.wiring.stop_playing()
        self.desk.shut_down()
        self.models_desk.shut_down()
        self.settings.remember_window(self.saveGeometry(), self.saveState())
        self.session.shut_down()
        self.cluster_desk.shut_down()
        event.accept()

    def _ask_project(self, title: str) -> Path | None:
        # A project is never overwritten, so the dialog need not ask whether it may be.
        keep = QFileDialog.Option.DontConfirmOverwrite
        name, _ = QFileDialog.getSaveFileName(self, title, f"project{SUFFIX}", _PROJECT_FILES, options=keep)
        if not name:
            return None
        path = Path(name)
        return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)


def local_paths(data: QMimeData) -> list[Path]:
    """Return the files and folders of this machine among what is dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
