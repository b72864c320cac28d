"""What may be connected to, TLS with certificates made here, and no port that others could reach."""

from __future__ import annotations

import os
import stat

import pytest
from cheap_potentials import copper, spring_source
from dask_processes import DaskProcesses, wait_for_workers

from guiapp.engine.cluster.address import SchedulerAddress, TlsFiles
from guiapp.engine.cluster.certificates import make_certificates
from guiapp.engine.cluster.choice import ClusterChoice
from guiapp.engine.cluster.connection import connect
from guiapp.engine.executor import BatchTask
from guiapp.errors import UserFacingError
from guiapp.potentials.potential import Prediction

SOME_FILES = TlsFiles(*[__import__("pathlib").Path("there.pem")] * 3)


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:8786", "tcp://localhost:8786", "tcp://[::1]:8786", "tcp://127.3.2.1:1"])
def test_this_machine_needs_no_encryption(url):
    assert SchedulerAddress(url).checked().url == url


@pytest.mark.parametrize(
    "url", ["tcp://10.0.0.1:8786", "tcp://head.cluster.org:8786", "tcp://[2001:db8::1]:8786", "tcp://localhost.evil.org:1"]
)
def test_the_network_needs_encryption_unless_the_user_says_otherwise(url):
    with pytest.raises(UserFacingError, match=r"not encrypted: anyone on the network.*--cluster-without-tls"):
        SchedulerAddress(url).checked()
    assert SchedulerAddress(url, without_tls=True).checked().url == url


@pytest.mark.parametrize(
    "url", ["", "head", "head:8786", "http://head:80", "tls://head", "tcp://:1", "tcp://head:x", "tls://h:1/path", "tcp://h:99999"]
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(UserFacingError, match="no address of a scheduler"):
        SchedulerAddress(url, without_tls=True).checked()


def test_encryption_and_certificates_belong_together():
    with pytest.raises(UserFacingError, match="no certificates were given"):
        SchedulerAddress("tls://head:8786").checked()
    with pytest.raises(UserFacingError, match="without encryption"):
        SchedulerAddress("tcp://127.0.0.1:8786", SOME_FILES).checked()


@pytest.mark.parametrize("name", ["nonsense", "local:0", "local:x", "profile:", "profile:absent"])
def test_a_choice_that_names_nothing_says_what_could_be_named(name):
    with pytest.raises(UserFacingError) as caught:
        ClusterChoice(name).connect()
    assert caught.value.advice


def test_certificates_are_the_users_alone_and_never_overwritten(tmp_path):
    pytest.importorskip("cryptography")
    files = make_certificates(tmp_path / "tls")
    if os.name == "posix":
        assert {stat.S_IMODE(path.stat().st_mode) for path in (files.authority, files.certificate, files.key)} == {0o600}
    before = files.key.read_bytes()
    with pytest.raises(UserFacingError, match="cannot be written"):
        make_certificates(tmp_path / "tls")
    assert files.key.read_bytes() == before
    pytest.importorskip("distributed")
    assert files.security().require_encryption
    other = make_certificates(tmp_path / "other")
    with pytest.raises(UserFacingError, match="do not fit together"):
        TlsFiles(files.authority, files.certificate, other.key).security()
    with pytest.raises(UserFacingError, match="not there"):
        TlsFiles(files.authority, files.certificate, tmp_path / "absent.pem").security()


@pytest.mark.slow
def test_a_cluster_with_certificates_answers_their_holder_and_nobody_else(tmp_path):
    pytest.importorskip("distributed")
    files = make_certificates(tmp_path / "tls")
    processes = DaskProcesses(tmp_path, files)
    try:
        processes.start_worker("first", nanny=False)
        address = processes.address()
        assert address.url.startswith("tls://127.0.0.1:")
        connection = connect(address)
        try:
            wait_for_workers(connection, 1)
            task = BatchTask("job", spring_source(tmp_path / "log"), (copper(0),))
            assert isinstance(connection.executor.submit(task, print).result(timeout=60).results[0], Prediction)
        finally:
            connection.close()
        strangers = make_certificates(tmp_path / "strangers")
        with pytest.raises(UserFacingError, match=r"No connection to tls://"):
            connect(SchedulerAddress(address.url, strangers))
        with pytest.raises(UserFacingError, match=r"No connection to tcp://"):
            connect(SchedulerAddress(address.url.replace("tls", "tcp", 1)))
    finally:
        processes.close()


@pytest.mark.slow
def test_workers_of_this_machine_listen_to_this_machine_only_and_encrypted(tmp_path):
    pytest.importorskip("distributed")
    import psutil

    connection = ClusterChoice("local:1").connect()
    try:
        wait_for_workers(connection, 1)
        assert connection.address.startswith("tls://127.0.0.1:")
        assert connection.is_own
        me = psutil.Process()
        listening = [
            link.laddr.ip
            for one in (me, *me.children(recursive=True))
            for link in one.net_connections()
            if link.status == psutil.CONN_LISTEN
        ]
        assert listening
        assert set(listening) == {"127.0.0.1"}
        # Another user of this machine, without the certificate, gets nowhere.
        with pytest.raises(UserFacingError, match="No connection"):
            connect(SchedulerAddress(connection.address.replace("tls", "tcp", 1)))
        task = BatchTask("job", registered_chgnet(), (copper(0, atoms=2),))
        assert isinstance(connection.executor.submit(task, print).result(timeout=100).results[0], Prediction)
        variables = connection._client.run(os.environ.get, "OMP_NUM_THREADS")
        assert set(variables.values()) == {"1"}
    finally:
        connection.close()
    assert not [one for one in me.children(recursive=True) if one.is_running() and "spawn_main" in " ".join(one.cmdline())]


def registered_chgnet():
    from guiapp.engine.job import BenchmarkJob
    from guiapp.engine.model_source import registry_source

    return registry_source(BenchmarkJob("job", "high-energy", "chgnet-0.3.0", (), "cpu"))
