"""A real Dask cluster for tests: one scheduler and workers, each a process of its own, started as its administrator would."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from guiapp.engine.cluster.address import SchedulerAddress

ROOT = Path(__file__).parents[2]


class DaskProcesses:
    """Starts scheduler and workers, each with folders of its own so that nothing is found there by accident."""

    def __init__(self, folder: Path, tls=None) -> None:
        self.folder, self.tls = folder, tls
        self.processes: list[subprocess.Popen] = []
        self.file = folder / "scheduler.json"
        self.scheduler = self._start(
            "dask_scheduler",
            ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(self.file), *self._web()],
            {"HOME": str(folder)},
        )

    def start_worker(self, name: str, *, nanny: bool = True, path: bool = True, **environment: str) -> subprocess.Popen:
        home = self.folder / name
        home.mkdir()
        variables = {f"TEMPER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "CACHE", "DATA")}
        arguments = ["--scheduler-file", str(self.file), "--name", name, "--nthreads", "1", "--host", "127.0.0.1", *self._web()]
        arguments += ["--local-directory", str(home), "--nanny" if nanny else "--no-nanny"]
        return self._start("dask_worker", arguments, variables | environment, path=path)

    def address(self, timeout: float = 30) -> SchedulerAddress:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            with contextlib.suppress(OSError, ValueError):
                return SchedulerAddress(json.loads(self.file.read_text(encoding="utf-8"))["address"], self.tls)
            time.sleep(0.05)
        raise TimeoutError("the scheduler did not start")

    def close(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()

    def _web(self) -> list[str]:
        return ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"]

    def _start(self, module: str, arguments: list[str], environment: dict[str, str], *, path: bool = True) -> subprocess.Popen:
        if self.tls is not None:
            arguments = [*arguments, "--protocol", "tls", "--tls-ca-file", str(self.tls.authority)]
            arguments += ["--tls-cert", str(self.tls.certificate), "--tls-key", str(self.tls.key)]
        places = [str(ROOT), str(ROOT / "tests" / "engine")] if path else []
        variables = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {
            "PYTHONPATH": os.pathsep.join(places),
            "OMP_NUM_THREADS": "1",
        }
        # A worker's nanny must not outlive it when a test kills it, so output goes to a file and not to a pipe.
        log = (self.folder / f"{module}-{len(self.processes)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
                env=variables | environment,
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        return process


def wait_for_workers(connection, count, timeout=40):
    end = time.monotonic() + timeout
    while len(connection.state().workers) != count or connection.executor.slots != max(1, count):
        assert time.monotonic() < end, "the workers did not come"
        time.sleep(0.1)
