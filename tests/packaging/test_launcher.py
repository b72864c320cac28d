"""The start: what is checked, what is installed, what is run; no network and no installation here."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import tomllib
import venv
from pathlib import Path

import pytest
from launcher import environment as environment_module
from launcher import pip_run, qt_libraries, requirements, start, system_packages
from launcher.environment import Environment
from launcher.locking import only_one
from launcher.messages import LauncherError, duration
from launcher.screen import why_no_screen
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="sockets and file modes of POSIX")


# -- what is pinned ---------------------------------------------------------------------------------------------------


def test_every_dependency_is_pinned_within_its_range():
    """`python3 main.py` and `pip install .` must not be two different programs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for file, wanted in (
        (requirements.RUNTIME, project["dependencies"]),
        (requirements.TEST, project["optional-dependencies"]["test"]),
        (requirements.CLUSTER, project["optional-dependencies"]["cluster"]),
    ):
        pinned = requirements.pins(file)
        ranges = {requirements.normalised(Requirement(text).name): Requirement(text).specifier for text in wanted}
        assert set(pinned) == set(ranges)
        assert all(pinned[name] in allowed for name, allowed in ranges.items())


def test_constraints_agree_with_the_pins_and_name_no_build():
    """A constraint that contradicts a pin, or asks for one machine's build, could be met nowhere."""
    constraints = requirements.pins(requirements.CONSTRAINTS)
    pinned = requirements.pins(requirements.RUNTIME, requirements.TEST, requirements.CLUSTER)
    assert pinned == {name: constraints[name] for name in pinned}
    assert not any("+" in version for version in constraints.values())
    assert not any(re.match(r"nvidia-(?!ml)|triton|pip$", name) for name in constraints)


def test_torch_comes_first_and_qt_is_the_good_one():
    """The others take the torch that is there; PySide6 6.12 aborts on Python 3.11."""
    assert next(iter(requirements.pins(requirements.RUNTIME))) == "torch"
    assert not qt_libraries.bad_pair((3, 11, 7), requirements.pins(requirements.RUNTIME)["pyside6-essentials"])


@pytest.mark.parametrize(
    ("python", "pyside", "bad"),
    [
        ((3, 11, 7), "6.12.0", True),
        ((3, 10, 1), "6.12.1", True),
        ((3, 12, 0), "6.12.0", False),
        ((3, 11), "6.11.3", False),
        ((3, 11), "7.0", True),
    ],
)
def test_pairs_that_abort_are_known(python, pyside, bad):
    """The guard says why and names both versions."""
    problem = qt_libraries.bad_pair(python, pyside)
    assert bool(problem) == bad
    if bad:
        assert pyside in problem


# -- the environment ----------------------------------------------------------------------------------------------------


@pytest.fixture
def ready(tmp_path) -> Environment:
    """Return an environment that looks ready for the runtime: folders only, nothing installed."""
    folder = tmp_path / ".venv"
    made = Environment(tmp_path, folder)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    python.parent.mkdir(parents=True)
    python.touch()
    site_packages = folder / ("Lib/site-packages" if os.name == "nt" else "lib/python3.11/site-packages")
    site_packages.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.7\n")
    for name, version in requirements.pins(requirements.RUNTIME).items():
        local = "+cpu" if name == "torch" else ""
        (site_packages / f"{name.replace('-', '_')}-{version}{local}.dist-info").mkdir()
    made._write_stamp(tests=False)
    return made


def test_a_ready_environment_is_recognised_at_once(ready):
    """Later calls start at once: no process is started, and the look takes milliseconds."""
    begin = time.perf_counter()
    assert ready.is_ready(tests=False)
    assert time.perf_counter() - begin < 0.5
    assert not ready.is_ready(tests=True)


@pytest.mark.parametrize("damage", ["stamp", "half a stamp", "python", "package", "version", "new python", "requirements", "all"])
def test_anything_missing_or_changed_is_noticed(ready, damage, monkeypatch, tmp_path):
    """A half installed, broken or outdated environment must not be started."""
    stamp = ready.folder / ".temper-stamp.json"
    if damage == "stamp":
        stamp.unlink()
    elif damage == "half a stamp":
        stamp.write_text('{"runtime": "abc')
    elif damage == "python":
        ready.python.unlink()
    elif damage == "package":
        next(ready.site_packages.glob("numpy-*")).rmdir()
    elif damage == "version":
        folder = next(ready.site_packages.glob("numpy-*"))
        folder.rename(folder.with_name("numpy-1.0.dist-info"))
    elif damage == "new python":
        (ready.folder / "pyvenv.cfg").write_text("version = 3.12.1\n")
    elif damage == "requirements":
        changed = tmp_path / "requirements.txt"
        changed.write_text(requirements.RUNTIME.read_text() + "# another line\n")
        monkeypatch.setattr(requirements, "RUNTIME", changed)
    else:
        ready = Environment(tmp_path, tmp_path / "nothing")
    assert not ready.is_ready(tests=False)


def test_line_ends_change_nothing(tmp_path):
    """git on Windows may change line ends; that must not install everything again."""
    one, other = tmp_path / "a", tmp_path / "b"
    one.write_bytes(b"numpy==2\nscipy==1\n")
    other.write_bytes(b"numpy==2\r\nscipy==1\r\n")
    assert requirements.fingerprint([one], "3.11") == requirements.fingerprint([other], "3.11")
    assert requirements.fingerprint([one], "3.11") != requirements.fingerprint([one], "3.12")


def test_the_program_is_found_after_the_checkout_was_moved(ready, tmp_path):
    """The environment points to the program by a path file, renewed at every start."""
    ready._point_to_program()
    assert (ready.site_packages / "temper.pth").read_text() == f"{tmp_path}\n"
    moved = Environment(tmp_path / "elsewhere", ready.folder)
    moved._point_to_program()
    assert (ready.site_packages / "temper.pth").read_text() == f"{tmp_path / 'elsewhere'}\n"


@pytest.fixture
def fake_pip(monkeypatch) -> list[list[str]]:
    """Replace making and installing by fast ones that leave the same traces; return what was installed."""
    calls: list[list[str]] = []

    def install(python, arguments, log, lock):
        calls.append(list(arguments))
        site_packages = Environment(python.parents[2], python.parents[1]).site_packages
        for name, version in requirements.pins(*(Path(a) for a in arguments if a.endswith(".txt") and "constraints" not in a)).items():
            (site_packages / f"{name}-{version}.dist-info").mkdir(exist_ok=True)
        time.sleep(0.2)
        return pip_run.PipResult(0, "")

    monkeypatch.setattr(environment_module, "run_pip", install)
    real_run = subprocess.run

    def run(command, **options):
        if command[1:3] != ["-m", "venv"]:
            return real_run(command, **options)
        folder = Path(command[3])
        venv.create(folder, with_pip=False)  # unpacking pip takes seconds
        pip = Environment(folder.parent, folder).site_packages / "pip"
        pip.mkdir()
        (pip / "__init__.py").touch()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(environment_module.subprocess, "run", run)
    return calls


def test_a_broken_environment_is_made_again_and_the_next_start_does_nothing(tmp_path, fake_pip, capsys):
    """An interrupted creation leaves a folder without pip; it is emptied and made again, in the same place."""
    made = Environment(tmp_path, tmp_path / ".venv")
    made.python.parent.mkdir(parents=True)
    made.python.write_text("not a program")
    made.python.chmod(0o755)
    (made.folder / "lib").mkdir()
    made.provide(tests=False)
    assert made.is_ready(tests=False)
    assert "broken" in capsys.readouterr().err
    assert fake_pip[0] == ["torch==2.13.0", "-c", str(requirements.CONSTRAINTS)]
    assert fake_pip[1][:2] == ["-r", str(requirements.RUNTIME)]
    assert subprocess.run([str(made.python), "-c", "import sys; print(sys.prefix)"], capture_output=True, check=True).stdout
    made.provide(tests=False)
    assert len(fake_pip) == 2
    made.provide(tests=True)
    assert len(fake_pip) == 4
    assert made.is_ready(tests=True)
    assert made.is_ready(tests=False)


def test_two_starts_at_once_install_once(tmp_path, fake_pip, monkeypatch, capsys):
    """Double-clicking must not let two pips write into one folder."""
    venv.create(tmp_path / ".venv", with_pip=False)
    monkeypatch.setattr(Environment, "_works", lambda self: True)
    starts = [threading.Thread(target=Environment(tmp_path, tmp_path / ".venv").provide, kwargs={"tests": False}) for _ in range(3)]
    for one in starts:
        one.start()
    for one in starts:
        one.join()
    assert len(fake_pip) == 2
    assert "waiting" in capsys.readouterr().err


def test_a_failed_installation_leaves_no_stamp(tmp_path, monkeypatch):
    """The next start must go on instead of running half an environment."""
    made = Environment(tmp_path, tmp_path / ".venv")
    venv.create(made.folder, with_pip=False)
    monkeypatch.setattr(Environment, "_works", lambda self: True)
    monkeypatch.setattr(environment_module, "run_pip", lambda *a: pip_run.PipResult(1, "NewConnectionError: Connection refused"))
    with pytest.raises(LauncherError, match="network"):
        made.provide(tests=False)
    assert not made.is_ready(tests=False)


def test_versions_that_a_system_lacks_are_replaced_by_near_ones(tmp_path, monkeypatch, capsys):
    """constraints.txt was written on one system; elsewhere the direct pins must do."""
    made = Environment(tmp_path, tmp_path / ".venv")
    venv.create(made.folder, with_pip=False)
    calls = []

    def install(python, arguments, log, lock):
        calls.append(list(arguments))
        return pip_run.PipResult(int("-c" in arguments), "ERROR: No matching distribution found for lmdb==3.0.0")

    monkeypatch.setattr(environment_module, "run_pip", install)
    made._pip(["torch==1"], tmp_path / "log", 0)
    assert calls == [["torch==1", "-c", str(requirements.CONSTRAINTS)], ["torch==1"]]
    assert "nearest" in capsys.readouterr().err


def test_the_lock_goes_with_its_owner(tmp_path):
    """A killed installation must not lock everybody out for ever."""
    lock = tmp_path / "lock"
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[2]); from pathlib import Path; from launcher.locking import only_one\n"
        "with only_one(Path(sys.argv[1]), lambda: None):\n    print('held', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(lock), str(ROOT / "packaging")], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "held\n"
    waited = []
    threading.Timer(0.3, child.kill).start()
    with only_one(lock, lambda: waited.append(True)):
        assert waited == [True]
    child.wait()
    child.stdout.close()


@POSIX_ONLY
def test_a_pip_that_outlives_its_launcher_is_waited_for(tmp_path):
    """A launcher killed with -9 leaves pip running; a second pip beside it would write into the same folder."""
    with only_one(tmp_path / "lock", lambda: None) as lock:
        orphan = subprocess.Popen(["sleep", "0.8"], pass_fds=(lock,))
    waited = []
    with only_one(tmp_path / "lock", lambda: waited.append(True)):
        assert orphan.wait(timeout=10) == 0
    assert waited == [True]


# -- pip --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "step", "worth"),
    [
        ("  Downloading torch-2.13.0-cp311-none-any.whl (527.3 MB)", "downloading torch (527 MB)", True),
        ("  Using cached scipy-1.17.1-cp311.whl.metadata (60 kB)", "using the downloaded scipy (0 MB)", False),
        ("Collecting ase==3.29.0 (from -r x)", "looking for ase==3.29.0", False),
        ("Installing collected packages: a, b, c", "unpacking 3 packages", True),
        ("  Attempting uninstall", "before", False),
    ],
)
def test_what_pip_says_becomes_few_words(line, step, worth):
    """Big downloads and the long unpacking are told, the hundred other lines are not."""
    assert pip_run.progress(line, "before") == (step, worth)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("NewConnectionError('Temporary failure in name resolution')", "network"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: something odd\n", "something odd"),
    ],
)
def test_failures_of_pip_say_what_to_do(output, words, tmp_path):
    """No traceback of pip in the user's face."""
    assert words in pip_run.PipResult(1, output).explain(tmp_path / "log")


def test_pip_runs_apart_from_the_users_own_packages(tmp_path, monkeypatch):
    """PYTHONPATH of a cluster's modules must not count as installed."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    script = tmp_path / "python"
    script.write_text('#!/bin/sh\necho "path=[$PYTHONPATH] $*"\nexit 7\n')
    script.chmod(0o755)
    if os.name != "posix":
        pytest.skip("a shell script stands for Python here")
    with only_one(tmp_path / "lock", lambda: None) as lock:
        result = pip_run.run_pip(script, ["numpy==1"], tmp_path / "log", lock)
    assert result.code == 7
    assert "path=[]" in result.output
    assert result.output == (tmp_path / "log").read_text()
    assert "-I -m pip install" in result.output


# -- screen and libraries ----------------------------------------------------------------------------------------------------


def test_no_screen_is_noticed_on_linux_only():
    """Windows and macOS have one; on Linux the variables decide, and Qt's own variable overrides them."""
    assert "DISPLAY" in why_no_screen({}, "linux")
    assert why_no_screen({}, "win32") == ""
    assert why_no_screen({}, "darwin") == ""
    assert why_no_screen({"QT_QPA_PLATFORM": "vnc:size=800x600"}, "linux") == ""
    assert "offscreen" in why_no_screen({"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}, "linux")


@POSIX_ONLY
def test_a_screen_that_does_not_answer_is_no_screen(tmp_path, monkeypatch):
    """Qt aborts where the X server is gone (a closed ssh session); the demo must run instead."""
    assert "does not answer" in why_no_screen({"DISPLAY": ":971"}, "linux")
    assert "does not answer" in why_no_screen({"DISPLAY": "localhost:971.0"}, "linux")
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path)  # socket paths are short
        server.bind("wayland-7")
        server.listen()
        assert why_no_screen({"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": "."}, "linux") == ""
    with socket.socket() as server:
        server.bind(("localhost", 0))
        server.listen()
        number = server.getsockname()[1] - 6000
        if number >= 0:
            assert why_no_screen({"DISPLAY": f"localhost:{number}.0"}, "linux") == ""


def test_missing_libraries_become_packages(tmp_path):
    """Each library has its package; a window needs more than a picture; fonts count."""
    fonts = [str(tmp_path)]
    everything = qt_libraries.missing_packages(window=True, loadable=lambda name: False, font_folders=fonts)
    assert {"libegl1", "libxcb-cursor0", "libxkbcommon-x11-0", "fonts-dejavu-core"} <= set(everything)
    assert len(everything) == len(set(everything))
    picture = qt_libraries.missing_packages(window=False, loadable=lambda name: False, font_folders=fonts)
    assert "libegl1" in picture
    assert "libxcb-cursor0" not in picture
    (tmp_path / "deja").mkdir()
    (tmp_path / "deja" / "DejaVuSans.ttf").touch()
    assert qt_libraries.missing_packages(window=True, loadable=lambda name: True, font_folders=fonts) == []
    assert qt_libraries.missing_packages(window=True, loadable=lambda name: "cursor" not in name, font_folders=fonts) == ["libxcb-cursor0"]
    assert not qt_libraries.is_loadable("libthisdoesnotexist.so.9")


@pytest.mark.parametrize("root", [True, False])
def test_missing_libraries_are_installed_or_the_command_is_printed(root, monkeypatch, capsys):
    """Root with apt: done. Everybody else: one command to copy."""
    missing = [["libegl1", "libgl1"], []]
    installed = []
    monkeypatch.setattr(qt_libraries, "missing_packages", lambda *, window: missing.pop(0))
    monkeypatch.setattr(system_packages, "may_install", lambda: root)
    monkeypatch.setattr(system_packages, "install", lambda packages: installed.append(packages) or True)
    assert qt_libraries.provide(window=True, platform="linux") == root
    assert installed == ([["libegl1", "libgl1"]] if root else [])
    assert ("install -y libegl1 libgl1" in capsys.readouterr().err) == (not root)
    assert qt_libraries.provide(window=True, platform="win32")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names of Linux libraries")
def test_the_list_of_libraries_is_complete():
    """What the plugins and libraries of the installed Qt ask for is either listed, Qt's own, or the C library's."""
    plugin = pytest.importorskip("PySide6").__path__[0]
    listed = set(qt_libraries.ANY_PLATFORM) | set(qt_libraries.ON_X11)
    always = re.compile(r"lib(Qt6.*|c|m|gcc_s|icu.*|z|zstd|dl|pthread|rt)\.so.*|ld-linux.*|linux-vdso.*")
    files = ["plugins/platforms/libqxcb.so", "plugins/platforms/libqoffscreen.so"]
    files += [f"lib/libQt6{name}.so.6" for name in ("Core", "Gui", "Widgets", "Svg", "PrintSupport", "XcbQpa", "DBus", "OpenGL")]
    for file in files:
        run = subprocess.run(["readelf", "-d", f"{plugin}/Qt/{file}"], capture_output=True, text=True, check=False)
        if run.returncode:
            pytest.skip("readelf is not installed")
        needed = set(re.findall(r"NEEDED.*\[(.*)\]", run.stdout))
        assert needed, file
        assert {name for name in needed if not always.fullmatch(name)} <= listed, file


# -- what is run --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def runs(monkeypatch, tmp_path) -> list[list[str]]:
    """Let nothing be installed or run; return what would be."""
    calls: list[list[str]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Environment, "provide", lambda self, *, tests: calls.append([f"provide tests={tests}"]))
    monkeypatch.setattr(start, "_refuse_bad_qt", lambda environment: None)
    monkeypatch.setattr(start, "_run", lambda python, arguments, variables: calls.append(list(arguments)) or 0)
    monkeypatch.setattr(qt_libraries, "provide", lambda *, window: True)
    return calls


def test_without_arguments_the_window_or_without_a_screen_the_demo(runs, monkeypatch, capsys):
    """One line says why there is no window."""
    monkeypatch.setattr(start, "why_no_screen", lambda variables: "")
    assert start.main([]) == 0
    assert runs[-1] == ["-m", "guiapp"]
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(start, "why_no_screen", lambda variables: "no DISPLAY")
    assert start.main([]) == 0
    assert runs[-1] == ["-m", "guiapp.cli.main", "demo"]
    assert len(capsys.readouterr().err.splitlines()) == 1
    monkeypatch.setattr(start, "why_no_screen", lambda variables: "")
    monkeypatch.setattr(qt_libraries, "provide", lambda *, window: False)
    assert start.main([]) == 0
    assert runs[-1] == ["-m", "guiapp.cli.main", "demo"]


def test_commands_and_tests_get_their_arguments(runs):
    """Everything after main.py that is not `test` belongs to the command line."""
    start.main(["bench", "a b.xyz", "--model", "x"])
    assert runs == [["provide tests=False"], ["-m", "guiapp.cli.main", "bench", "a b.xyz", "--model", "x"]]
    start.main(["test", "-k", "slope"])
    assert runs[2] == ["provide tests=True"]
    assert runs[3][:2] == ["-m", "pytest"]
    assert runs[3][-2:] == ["-k", "slope"]


def test_a_test_process_that_dies_does_not_hold_up_the_run(tmp_path):
    """One test kills its process: the others still run, and the run ends with a failure."""
    for name in "abcd":
        body = "import os, signal\nimport pytest\n\n@pytest.mark.parametrize('n', range(4))\ndef test_it(n):\n"
        body += "    if n == 2:\n        os.kill(os.getpid(), signal.SIGTERM)\n" if name == "d" else "    pass\n"
        (tmp_path / f"test_{name}.py").write_text(body, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", *start.pytest_arguments([str(tmp_path)], 2)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False, timeout=120)
    assert done.returncode == 1
    assert "1 failed, 15 passed" in done.stdout


def test_tests_are_spread_unless_the_caller_decides():
    """Two cores: two processes that take work from each other; a debugger or an own choice goes first."""
    assert start.pytest_arguments(["tests/x"], 2) == ["-n", "2", "--dist", "worksteal", "tests/x"]
    assert start.pytest_arguments([], 64)[1] == "4"
    assert start.pytest_arguments([], 1) == []
    assert start.pytest_arguments(["--pdb"], 8) == ["--pdb"]
    assert start.pytest_arguments(["-n0"], 8) == ["-n0"]
    assert start.one_thread({"A": "b", "OMP_NUM_THREADS": "3"})["OMP_NUM_THREADS"] == "3"
    assert start.one_thread({})["OMP_NUM_THREADS"] == "1"


def test_trouble_is_one_message_and_a_code_of_its_own(monkeypatch, capsys):
    """No traceback for what the user can mend, and Ctrl+C is no error."""

    def fail(self, *, tests):
        raise LauncherError("The disk is full.")

    def interrupt(self, *, tests):
        raise KeyboardInterrupt

    monkeypatch.setattr(Environment, "provide", fail)
    assert start.main([]) == 3
    assert capsys.readouterr().err == "The disk is full.\n"
    monkeypatch.setattr(Environment, "provide", interrupt)
    assert start.main([]) == 130
    assert "goes on" in capsys.readouterr().err


@POSIX_ONLY
def test_exit_codes_pass_through():
    """Scripts rely on 0, 1 and 2."""
    code = (
        "import sys, os; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from launcher import start\n"
        "sys.exit(start._run(Path(sys.executable), ['-c', 'import sys; sys.exit(2)'], os.environ))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(ROOT / "packaging")], check=False).returncode == 2


def test_debian_without_venv_is_told_the_command(monkeypatch):
    """A bare Debian has Python without venv: root gets it installed, others get the command."""
    monkeypatch.setattr(environment_module.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(system_packages, "may_install", lambda: False)
    with pytest.raises(LauncherError, match=rf"apt-get install -y python3\.{sys.version_info[1]}-venv"):
        environment_module._provide_venv_module()
    asked = []
    monkeypatch.setattr(system_packages, "may_install", lambda: True)
    monkeypatch.setattr(system_packages, "install", lambda packages: asked.append(packages) or len(asked) == 2)
    environment_module._provide_venv_module()
    assert asked == [[f"python3.{sys.version_info[1]}-venv"], ["python3-venv"]]


def test_main_reads_on_an_old_python_and_uses_the_standard_library_only():
    """An old Python must get as far as the sentence that says so, so nothing newer may stand in main.py."""
    text = (ROOT / "main.py").read_text(encoding="utf-8")
    before = text.split("from launcher")[0]
    assert not re.search(r"f\"|f'|:=|match |-> |from __future__", before.split('"""', 2)[2])
    modules = {path.stem for path in (ROOT / "packaging" / "launcher").glob("*.py")} | {"launcher"}
    for file in [ROOT / "main.py", *(ROOT / "packaging" / "launcher").glob("*.py")]:
        for name in re.findall(r"^\s*(?:from|import) ([a-zA-Z_]+)", file.read_text(encoding="utf-8"), re.MULTILINE):
            assert name in sys.stdlib_module_names | modules | {"__future__"}, f"{file.name}: {name}"


@pytest.mark.parametrize(("seconds", "words"), [(5.9, "5 s"), (80, "1 min 20 s"), (605, "10 min 05 s")])
def test_times_are_words(seconds, words):
    """Progress is read by people."""
    assert duration(seconds) == words


def test_the_stamp_is_written_whole(ready):
    """A start killed while writing must leave the old stamp or the new one."""
    assert set(json.loads((ready.folder / ".temper-stamp.json").read_text())) == {"runtime"}
    assert [entry.name for entry in ready.folder.glob("*.partial")] == []
