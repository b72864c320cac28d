"""What connects clusters with the rest of the window: the page, the thread that speaks to Dask, and where the next job runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.engine.cluster.address import SchedulerAddress
from guiapp.engine.cluster.choice import LOCAL, PROFILE, ClusterChoice
from guiapp.engine.cluster.connection import ClusterConnection, ClusterState
from guiapp.engine.cluster.profile import ClusterProfile, load_profile, profiles, remove_profile, save_profile
from guiapp.engine.cluster.queueing import job_script
from guiapp.errors import UserFacingError
from guiapp.ui.cluster_page.situation import Link, Situation
from guiapp.ui.theme import Palette
from guiapp.ui.workers.cluster_link import ClusterLink
from guiapp.ui.workers.task_thread import TaskState

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from guiapp.ui.background import Background
    from guiapp.ui.cluster_page.page import ClusterPage
    from guiapp.ui.job_queue import JobQueue


class ClusterDesk(QObject):
    """Owns what is made only when it is asked for, and tells the job queue where the next job runs.

    Signals:
        place_changed: The next job will run somewhere else.
        noticed(str): A sentence for the status bar.
        refused(object): A ``UserFacingError`` that the user has to see even where the page is closed.
        crashed(object): An exception that is a bug.
    """

    place_changed = Signal()
    noticed = Signal(str)
    refused = Signal(object)
    crashed = Signal(object)

    def __init__(self, jobs: JobQueue, background: Background, palette: Palette, parent: QWidget) -> None:
        """Serve a window.

        Args:
            jobs: Of the session.
            background: Makes job scripts, for which Dask is imported.
            palette: Colours.
            parent: The window.
        """
        super().__init__(parent)
        self._window, self._jobs, self._background, self._palette = parent, jobs, background, palette
        self.page: ClusterPage | None = None
        self.situation = Situation()
        self._choice: ClusterChoice | None = None
        self._link = ClusterLink(self)
        self._link.connected.connect(self._take_connection)
        self._link.looked.connect(self._take_look)
        self._link.refused.connect(self._take_refusal)
        self._link.lost.connect(self._take_loss)
        self._link.left.connect(self._take_leave)
        self._link.crashed.connect(self.crashed)

    def show_page(self) -> None:
        """Open the window of clusters."""
        if self.page is None:
            from guiapp.ui.cluster_page.page import ClusterPage  # noqa: PLC0415 - few sessions need it, and the start has no time for it

            self.page = page = ClusterPage(self._palette, self._window)
            page.address.connect_requested.connect(self._connect_address)
            page.address.save_requested.connect(self._save_address)
            page.local.start_requested.connect(self._start_local)
            page.profiles.connect_requested.connect(self._connect_profile)
            page.profiles.change_requested.connect(self._change_profile)
            page.profiles.remove_requested.connect(self._remove_profile)
            page.form.save_requested.connect(self._save_profile)
            page.form.script_requested.connect(self._make_script)
            page.workers.restart_requested.connect(self._link.restart_worker)
            page.leave_requested.connect(self.leave)
            page.again_requested.connect(self._connect_again)
            page.show_situation(self.situation)
        self._list_profiles()
        self.page.show()
        self.page.raise_()
        self.page.activateWindow()

    def connect_to(self, choice: ClusterChoice, place: str) -> None:
        """Connect in the background; the next job runs there once it is done.

        Args:
            choice: Which cluster.
            place: What the user calls it.
        """
        self._choice = choice
        self._compute_here()
        self._show(Situation(Link.CONNECTING, place))
        self._link.open(choice.connect)

    @Slot()
    def leave(self) -> None:
        """Leave the cluster; jobs run on this machine again, and one that is under way there is interrupted."""
        self._compute_here()
        self._show(Situation())
        self._link.leave()

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        if self.page is not None:
            self.page.set_palette(palette)

    def shut_down(self) -> None:
        """Leave everything because the window closes."""
        self._jobs.compute_on(None)
        self._link.shut_down()

    # ---- what the page asks for

    @Slot(object)
    def _connect_address(self, address: SchedulerAddress) -> None:
        self.connect_to(ClusterChoice(address.url, address.tls, address.without_tls), address.url)

    @Slot(int)
    def _start_local(self, workers: int) -> None:
        self.connect_to(ClusterChoice(f"{LOCAL}:{workers}"), f"{workers} worker{'' if workers == 1 else 's'} of this machine")

    @Slot(str)
    def _connect_profile(self, name: str) -> None:
        self.connect_to(ClusterChoice(f"{PROFILE}{name}"), name)

    @Slot()
    def _connect_again(self) -> None:
        if self._choice is not None:
            self.connect_to(self._choice, self.situation.place)

    @Slot(object)
    def _save_address(self, address: SchedulerAddress) -> None:
        tls = address.tls
        files = (tls.authority, tls.certificate, tls.key) if tls is not None else ("", "", "")
        host = (urlsplit(address.url).hostname or "cluster").replace(":", "-")
        self._save(host, address, tuple(str(path) for path in files))

    def _save(self, name: str, address: SchedulerAddress, files: tuple[str, ...]) -> None:
        try:
            profile = ClusterProfile(
                name=name,
                address=address.url,
                tls_authority=files[0],
                tls_certificate=files[1],
                tls_key=files[2],
                without_tls=address.without_tls,
            )
        except UserFacingError as error:
            self._complain(error)
        else:
            self._save_profile(profile)

    @Slot(object)
    def _save_profile(self, profile: ClusterProfile) -> None:
        try:
            path = save_profile(profile)
        except UserFacingError as error:
            self._complain(error)
            return
        self.noticed.emit(f"the profile {profile.name} is saved as {path}")
        self._list_profiles()

    @Slot(str)
    def _change_profile(self, name: str) -> None:
        if self.page is None:
            return
        try:
            profile = load_profile(name)
            if profile.address:
                self.page.address.set_address(profile.scheduler_address())
            else:
                self.page.form.fill(profile)
        except UserFacingError as error:
            self._complain(error)

    @Slot(str)
    def _remove_profile(self, name: str) -> None:
        try:
            remove_profile(name)
        except UserFacingError as error:
            self._complain(error)
        self._list_profiles()

    @Slot(object)
    def _make_script(self, profile: ClusterProfile) -> None:
        def work(_state: TaskState) -> str:
            return job_script(profile)

        self._background.start(work, self._show_script)

    @Slot(str)
    def _show_script(self, script: str) -> None:
        if self.page is not None:
            self.page.show_script(script)

    # ---- what the thread tells

    @Slot(object)
    def _take_connection(self, connection: ClusterConnection) -> None:
        if self.situation.link is not Link.CONNECTING:  # given up meanwhile
            return
        self._jobs.compute_on(connection.executor, self.situation.place, connection.link)
        self._show(replace(self.situation, link=Link.CONNECTED, own=connection.is_own, problem=""))
        self.place_changed.emit()
        self.noticed.emit(f"the next job runs on {self.situation.place}")

    @Slot(object)
    def _take_look(self, state: ClusterState) -> None:
        if self.situation.link is Link.CONNECTED and state != self.situation.state:
            self._show(replace(self.situation, state=state))

    @Slot(object)
    def _take_refusal(self, error: UserFacingError) -> None:
        if self.situation.link is Link.CONNECTING:
            self._show(Situation(problem=str(error)))
        elif self.situation.link is Link.CONNECTED:
            self._show(replace(self.situation, problem=str(error)))

    @Slot(object)
    def _take_loss(self, error: UserFacingError) -> None:
        if self.situation.link is Link.CONNECTED:
            self._compute_here()
            self._show(Situation(Link.LOST, self.situation.place))
            self.refused.emit(error)

    @Slot()
    def _take_leave(self) -> None:
        self.noticed.emit("jobs run on this machine")

    # ---- private

    def _compute_here(self) -> None:
        self._jobs.compute_on(None)
        self.place_changed.emit()

    def _show(self, situation: Situation) -> None:
        self.situation = situation
        if self.page is not None:
            self.page.show_situation(situation)

    def _list_profiles(self) -> None:
        if self.page is None:
            return
        found, problems = profiles()
        self.page.profiles.set_profiles(found)
        for problem in problems:
            self._complain(problem)

    def _complain(self, error: UserFacingError) -> None:
        if self.page is not None:
            self.page.show_problem(error)
