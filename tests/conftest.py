"""What every test shares: where the outside data lie, and a window system that needs no screen."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from awkward_server import AwkwardServer

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

ROOT = Path(__file__).resolve().parent.parent
_TESTS_A_FULL_COLLECTION = 20

# Cycles with widgets may be collected in the Qt thread only (guiapp/ui/garbage.py says why): between tests, as the program does it.
gc.disable()
_tests_done = count(1)


@pytest.hookimpl(trylast=True)
def pytest_runtest_logfinish() -> None:
    """Collect garbage here, in the main thread, once the test and its fixtures are gone."""
    gc.collect(2 if next(_tests_done) % _TESTS_A_FULL_COLLECTION == 0 else 1)


@pytest.fixture(scope="session", autouse=True)
def _own_user_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep settings, caches and data of the tests out of the user's own folders."""
    variables = {"TEMPER_CONFIG_DIR": "settings", "TEMPER_CACHE_DIR": "cache", "TEMPER_DATA_DIR": "data"}
    with pytest.MonkeyPatch.context() as patch:
        for variable, name in variables.items():
            if variable not in os.environ:
                patch.setenv(variable, str(tmp_path_factory.mktemp(name)))
        yield


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a test settings, caches and data folders of its own, empty as on the first start."""
    for variable in ("TEMPER_CONFIG_DIR", "TEMPER_CACHE_DIR", "TEMPER_DATA_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests reach this machine, whatever proxy the user has."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server(no_proxy: None) -> Iterator[AwkwardServer]:
    """Run a web server on this machine."""
    running = AwkwardServer()
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield running
    running.release.set()
    running.shutdown()
    running.server_close()
    thread.join(5)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of public DFT data sets beside the checkout, or skip where it is absent."""
    folder = Path(os.environ.get("TEMPER_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the public data sets are not beside the checkout ({folder}); set TEMPER_SHARED_DATA to use them")
    return folder


@pytest.fixture(scope="session")
def shipped_labels() -> Path:
    """Return the labels that the program ships."""
    return ROOT / "resources" / "reference" / "high-energy" / "labels.extxyz"
