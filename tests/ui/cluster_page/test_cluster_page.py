"""The page of clusters: clicked through all its states, with jobs that run elsewhere and come back when the cluster goes away."""

from __future__ import annotations

import threading
import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from soft_model import SoftModel
from window_steps import click, open_with, wait_measured

from guiapp.engine.cluster.choice import ClusterChoice
from guiapp.engine.cluster.connection import ClusterState, SchedulerLink, WorkerState
from guiapp.engine.cluster.profile import ClusterProfile, load_profile, save_profile
from guiapp.engine.executor_lost import ExecutorLostError
from guiapp.engine.job import JobState
from guiapp.errors import UserFacingError
from guiapp.ui.cluster_page.situation import Link, Situation
from guiapp.ui.theme import DARK

WORKERS = tuple(WorkerState(f"tcp://10.0.0.{k}:1", f"node{k}", f"10.0.0.{k}", 10**9 * k, 4 * 10**9, 0.5, 1, 1, k > 1) for k in (1, 2))


class StandIn:
    """What the desk knows of a connection; a potential in this process computes."""

    def __init__(self, name, own=False):
        self.title, self.is_own, self.executor = name, own, SoftModel()
        self.restarted, self.closed, self.lost = [], threading.Event(), None
        self.link = SchedulerLink("tcp://10.0.0.9:8786", None, name)

    def state(self):
        if self.lost is not None:
            raise self.lost
        return ClusterState("tcp://10.0.0.9:8786", WORKERS, waiting=3, wanted=4)

    def restart_worker(self, address):
        self.restarted.append(address)

    def close(self):
        self.executor.close()
        self.closed.set()


@pytest.fixture
def made(monkeypatch, tmp_path):
    """Connections as they are asked for; ``refuse`` makes the next one fail, ``hold`` makes it wait."""
    monkeypatch.setenv("TEMPER_CONFIG_DIR", str(tmp_path / "config"))

    class Made(list):
        refuse: Exception | None = None
        hold: threading.Event | None = None
        waits = threading.Event()

    made = Made()

    def connect(choice):
        if made.hold is not None:
            made.waits.set()
            made.hold.wait(20)
        if made.refuse is not None:
            raise made.refuse
        made.append(StandIn(choice.name, own=choice.name.startswith("local")))
        return made[-1]

    monkeypatch.setattr(ClusterChoice, "connect", connect)
    monkeypatch.setattr("guiapp.ui.workers.cluster_link._LOOK_AGAIN", 0.05)
    return made


@pytest.fixture
def page(window, qtbot, tmp_path, small_set, made):
    open_with(window, qtbot, tmp_path / "p.temper", small_set)
    window.run_action("run.cluster")
    return window.cluster_desk.page


def connected(window, qtbot):
    qtbot.waitUntil(lambda: window.cluster_desk.situation.state is not None)


def test_a_job_runs_on_the_workers_that_were_started_and_comes_home_afterwards(window, qtbot, page, made, model):
    assert page.headline.text() == "Jobs run on this machine"
    assert page.isVisible()
    page.local.count.setValue(2)
    click(page.local.start_button)
    connected(window, qtbot)
    assert page.headline.text() == "Jobs run on 2 workers of this machine"
    assert page.evidence.text() == "2 of 4 workers · 3.0 GB of 8.0 GB memory · 2 batches running, 3 waiting"
    qtbot.waitUntil(lambda: "on 2 workers of this machine" in window.kept_label.text())
    assert page.leave_button.text() == "End these workers"
    assert [page.workers.table.item(1, k).text() for k in range(5)] == ["node2", "10.0.0.2", "2.0 GB of 4.0 GB", "50 %", "1"]
    window.session.run(["chgnet-0.3.0"], window.session.structures.frames)
    wait_measured(window, qtbot)
    assert made[0].executor.asked
    assert not model.asked
    assert window.session.jobs.link is made[0].link  # processes of the correction wizard compute there too
    click(page.leave_button)
    qtbot.waitUntil(made[0].closed.is_set)
    assert window.session.jobs.link is None
    assert page.headline.text() == "Jobs run on this machine"
    qtbot.waitUntil(lambda: "of this machine" not in window.kept_label.text())
    window.session.run(["chgnet-0.2.0"], window.session.structures.frames)
    wait_measured(window, qtbot)
    assert model.asked


def test_only_a_watched_worker_can_be_restarted(window, qtbot, page, made):
    click(page.local.start_button)
    connected(window, qtbot)
    assert not page.workers.restart_button.isEnabled()
    page.workers.table.selectRow(0)
    assert not page.workers.restart_button.isEnabled()
    page.workers.table.selectRow(1)
    click(page.workers.restart_button)
    qtbot.waitUntil(lambda: made[0].restarted == ["tcp://10.0.0.2:1"])


def test_an_address_over_a_network_is_refused_without_encryption_until_the_user_says_so(window, qtbot, page, made):
    card = page.address
    assert not card.connect_button.isEnabled()
    assert card.authority.isVisible()
    QTest.keyClicks(card.edit, "tcp://10.0.0.9:8786")
    assert not card.authority.isVisible()
    click(card.connect_button)
    assert "not encrypted" in page.problem.text()
    assert not made
    assert card.without.isVisible()
    card.without.setChecked(True)
    click(card.save_button)
    assert load_profile("10.0.0.9") == ClusterProfile("10.0.0.9", address="tcp://10.0.0.9:8786", without_tls=True)
    QTest.keyClick(card.edit, Qt.Key.Key_Return)
    connected(window, qtbot)
    assert page.headline.text() == "Jobs run on tcp://10.0.0.9:8786"
    assert page.leave_button.text() == "Disconnect"


def test_a_refused_connection_says_why_and_the_next_attempt_may_be_given_up(window, qtbot, page, made):
    made.refuse = UserFacingError("No connection to tcp://127.0.0.1:9.", advice="Check it.")
    page.address.edit.setText("tcp://127.0.0.1:9")
    click(page.address.connect_button)
    qtbot.waitUntil(lambda: page.problem.text() == "No connection to tcp://127.0.0.1:9. Check it.")
    assert page.headline.text() == "Jobs run on this machine"
    made.refuse, made.hold = None, threading.Event()
    click(page.address.connect_button)
    assert page.headline.text() == "Connecting to tcp://127.0.0.1:9"
    assert page.waiting_bar.isVisible()
    assert page.problem.text() == ""
    assert made.waits.wait(20)  # an attempt given up before it began would never connect
    start = time.monotonic()
    click(page.leave_button)
    assert time.monotonic() - start < 0.5  # nobody waits for the address
    assert page.headline.text() == "Jobs run on this machine"
    made.hold.set()
    qtbot.waitUntil(lambda: bool(made) and made[0].closed.is_set())  # what came too late is left on the spot
    assert window.session.jobs.place == ""


def test_a_lost_cluster_interrupts_its_job_which_goes_on_where_the_user_wants(window, qtbot, page, made, model):
    save_profile(ClusterProfile("lab", address="tcp://127.0.0.1:8786"))
    window.run_action("run.cluster")
    click(page.profiles.buttons["connect", "lab"])
    connected(window, qtbot)
    cluster = made[0]
    cluster.executor.hold()
    window.session.run(["chgnet-0.3.0"], window.session.structures.frames)
    qtbot.waitUntil(lambda: window.session.jobs.running is not None)
    lost = ExecutorLostError("The scheduler of lab does not answer any more.", advice="Resume the job.")
    cluster.executor.refuses, cluster.lost = lost, lost
    cluster.executor.let_go()
    qtbot.waitUntil(lambda: window.cluster_desk.situation.link is Link.LOST)
    qtbot.waitUntil(lambda: window.session.jobs.running is None)
    assert page.headline.text() == "lab does not answer any more"
    assert page.again_button.isVisible()
    view = window.jobs_panel.jobs()[-1]
    assert view.state is JobState.INTERRUPTED
    window.session.jobs.resume(view.id)  # on this machine
    wait_measured(window, qtbot)
    assert model.asked
    assert window.jobs_panel.jobs()[-1].state is JobState.DONE
    click(page.again_button)
    connected(window, qtbot)
    assert page.headline.text() == "Jobs run on lab"


def test_a_profile_of_a_queueing_system_is_filled_in_saved_changed_and_removed(window, qtbot, page):
    form = page.form
    click(form.save_button)
    assert "cannot be a profile's name" in page.problem.text()
    form.name.setText("big")
    form.system.setCurrentText("pbs")
    form.jobs.setValue(3)
    form.cores.setValue(8)
    form.directives.setPlainText("-l ngpus=1\n\n")
    click(form.save_button)
    wanted = ClusterProfile("big", system="pbs", jobs=3, cores=8, directives=("-l ngpus=1",))
    assert load_profile("big") == wanted
    assert "big" in {name for _, name in page.profiles.buttons}
    form.name.setText("other")
    form.directives.setPlainText("")
    click(page.profiles.buttons["change", "big"])
    assert form.profile() == wanted
    pytest.importorskip("dask_jobqueue")
    click(form.script_button)
    qtbot.waitUntil(page.script.isVisible, timeout=20_000)
    assert "#PBS -l ngpus=1" in page.script.toPlainText()
    click(page.profiles.buttons["remove", "big"])
    assert not page.profiles.buttons
    assert page.profiles.empty_label.isVisible()


def test_a_page_without_dask_says_what_to_install(window, qtbot, page, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    page.address.edit.setText("tcp://127.0.0.1:9")
    click(page.address.connect_button)
    qtbot.waitUntil(lambda: "pip install dask" in page.problem.text())


def test_closing_the_window_leaves_the_cluster(make_window, qtbot, made, tmp_path):
    window = make_window()
    window.run_action("run.cluster")
    window.set_theme(DARK)
    click(window.cluster_desk.page.local.start_button)
    connected(window, qtbot)
    window.close()
    assert made[0].closed.wait(5)


def test_the_words_of_every_state_are_true_of_it():
    """No worker, one worker, all of them, and nothing known yet."""
    one = ClusterState("a", WORKERS[:1], 0)
    assert Situation(Link.CONNECTED, "x", one).evidence == "1 worker · 1.0 GB of 4.0 GB memory · 1 batch running, 0 waiting"
    none = ClusterState("a", (), 2, wanted=8)
    assert Situation(Link.CONNECTED, "x", none).evidence.startswith("no worker yet (8 asked for, jobs wait for the first one)")
    assert Situation(Link.CONNECTED, "x").evidence == "looking at the workers"
    assert "kept" in Situation(Link.LOST, "x").evidence


@pytest.mark.slow
def test_a_real_worker_of_this_machine_computes_what_the_window_asks_for(window, qtbot, tmp_path):
    """No stand-in: a scheduler and a worker process of Dask, ase's EMT, numbers as ase gives them."""
    pytest.importorskip("distributed")
    import numpy as np
    from ase.build import bulk
    from ase.calculators.emt import EMT

    from guiapp.frames.frame import Frame
    from guiapp.frames.reference_set import ReferenceSet
    from guiapp.potentials.ase_calculator import add_calculator, remove_calculator

    name, frames = "ase:ase.calculators.emt:EMT", []
    for seed in range(6):
        atoms = bulk("Cu", cubic=True)
        atoms.rattle(0.1, seed=seed)
        atoms.calc = EMT()
        frames.append(
            Frame(
                atoms.numbers,
                atoms.positions,
                atoms.cell.array,
                name=f"frame {seed}",
                compound="Cu",
                forces=1.25 * atoms.get_forces(),
                energy=0.0,
            )
        )
    add_calculator(name)
    try:
        open_with(window, qtbot, tmp_path / "p.temper", ReferenceSet("cu", "Copper", tuple(frames)))
        window.run_action("run.cluster")
        page = window.cluster_desk.page
        page.local.count.setValue(1)
        click(page.local.start_button)
        qtbot.waitUntil(lambda: page.workers.table.rowCount() == 1, timeout=60_000)
        window.session.run([name], window.session.structures.frames)
        wait_measured(window, qtbot, timeout=60_000)
        for frame in frames:
            got = window.session.results.prediction(name, frame)
            np.testing.assert_allclose(got.forces, frame.forces / 1.25, atol=1e-10)
        assert window.session.shown_evaluations[0].summary.pooled.value == pytest.approx(0.8)
        page.grab().save(str(tmp_path / "connected.png"))
        click(page.leave_button)
        assert page.headline.text() == "Jobs run on this machine"
    finally:
        remove_calculator(name)
