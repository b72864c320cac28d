"""Downloads survive whatever a server, a network or a user does to them, and only a complete and genuine file gets its name."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import threading
import time
from types import SimpleNamespace

import pytest
from awkward_server import Served

from guiapp.errors import UserFacingError
from guiapp.frames import http_transfer
from guiapp.frames.download import (
    Home,
    Patience,
    StoppedError,
    StopSwitch,
    download,
    forget_part,
    part_size,
    read_origin,
)

BODY = random.Random(7).randbytes(300_000)
SHA = hashlib.sha256(BODY).hexdigest()
QUICK = Patience(stall=0.4, retries=3, pause=0.01)


def home(server, path="/a", **known):
    return Home(server.url(path), **known)


def leftovers(target):
    return sorted(path.name for path in target.parent.iterdir() if path.name not in {target.name, target.name + ".origin.json"})


def test_a_file_arrives_whole_and_recorded(server, tmp_path):
    """Content, name, SHA-256, size, address and progress; nothing else is left in the folder."""
    server.files["/a"] = Served(BODY)
    told = []
    origin = download([home(server)], tmp_path / "new" / "set.json", tell=told.append, patience=QUICK)
    assert (tmp_path / "new" / "set.json").read_bytes() == BODY
    assert (origin.sha256, origin.size, origin.url, origin.verified) == (SHA, len(BODY), server.url("/a"), "")
    assert read_origin(tmp_path / "new" / "set.json") == origin
    assert leftovers(tmp_path / "new" / "set.json") == []
    assert told[-1].words == "checking"
    assert all(one.total == len(BODY) for one in told[:-1])
    assert sorted(one.done for one in told) == [one.done for one in told]


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_published_checksum_decides(server, tmp_path, algorithm):
    """The right file passes and says so; a file that differs in one bit is thrown away and nothing gets the name."""
    server.files["/a"] = Served(BODY)
    server.files["/bad"] = Served(bytes([BODY[0] ^ 1]) + BODY[1:])
    checksum = f"{algorithm}:{hashlib.new(algorithm, BODY).hexdigest()}"
    with pytest.raises(UserFacingError, match="another checksum"):
        download([home(server, "/bad", checksum=checksum)], tmp_path / "f", patience=QUICK)
    assert list(tmp_path.iterdir()) == []
    assert download([home(server, checksum=checksum)], tmp_path / "f", patience=QUICK).verified == checksum


def test_a_cut_connection_is_continued_with_range(server, tmp_path):
    """Two breaks: each next request asks for exactly what is missing."""
    server.files["/a"] = Served(BODY, cut_after=[100_000, 50_000])
    download([home(server)], tmp_path / "f", patience=QUICK)
    assert (tmp_path / "f").read_bytes() == BODY
    assert [asked for _, asked in server.asked] == ["", "bytes=100000-", "bytes=150000-"]


def test_a_chunked_answer_that_breaks_is_continued(server, tmp_path):
    """Without a Content-Length a break is still noticed, and the rest is fetched."""
    server.files["/a"] = Served(BODY, chunked=True, cut_after=[65_536])
    download([home(server)], tmp_path / "f", patience=QUICK)
    assert (tmp_path / "f").read_bytes() == BODY


@pytest.mark.parametrize("kept", [{"ranges": False}, {"etag": ""}])
def test_a_server_that_cannot_continue_begins_anew(server, tmp_path, kept):
    """Range ignored, or nothing that identifies the version: from the start, and never two halves of different answers."""
    server.files["/a"] = Served(BODY, cut_after=[100_000], **kept)
    download([home(server)], tmp_path / "f", patience=QUICK)
    assert (tmp_path / "f").read_bytes() == BODY


def test_a_file_that_changed_meanwhile_is_not_mixed(server, tmp_path):
    """The part is of version 1, the server has version 2: all of version 2 arrives."""
    server.files["/a"] = Served(BODY, cut_after=[100_000] * 3)
    with pytest.raises(UserFacingError):
        download([home(server)], tmp_path / "f", patience=Patience(retries=1, pause=0.01))
    other = BODY[::-1]
    server.files["/a"] = Served(other, etag='"v2"')
    download([home(server)], tmp_path / "f", patience=QUICK)
    assert (tmp_path / "f").read_bytes() == other


def test_a_part_longer_than_the_file_begins_anew(server, tmp_path):
    """A 416 answer throws the part away once and fetches the file."""
    server.files["/a"] = Served(BODY, cut_after=[200_000])
    with pytest.raises(UserFacingError):
        download([home(server)], tmp_path / "f", patience=Patience(retries=1, pause=0.01))
    server.files["/a"] = Served(BODY[:1000])
    download([home(server)], tmp_path / "f", patience=QUICK)
    assert (tmp_path / "f").read_bytes() == BODY[:1000]


def test_a_stalled_server_is_given_up_and_the_next_home_asked(server, tmp_path):
    """Silence in the middle ends after the stall time, not never; the second home delivers."""
    server.files["/a"] = Served(BODY, stall_after=[20_000] * 9)
    server.files["/b"] = Served(BODY)
    start = time.monotonic()
    origin = download([home(server), home(server, "/b")], tmp_path / "f", patience=Patience(stall=0.2, retries=1, pause=0.01))
    assert time.monotonic() - start < 3
    assert origin.url == server.url("/b")
    assert leftovers(tmp_path / "f") == []


def test_a_dripping_server_counts_as_stalled(server, tmp_path):
    """A few bytes now and then keep a socket alive for ever; the average rate ends it."""
    server.files["/a"] = Served(BODY, slowly=0.05)
    with pytest.raises(UserFacingError, match="too slowly"):
        download([home(server)], tmp_path / "f", patience=Patience(stall=0.2, slowest=10e6, retries=1, pause=0.01))


def test_busy_and_broken_servers_are_asked_again(server, tmp_path):
    """503 and 500 are worth another attempt; 404 is not, and the reasons of all homes are told."""
    server.files["/a"] = Served(BODY, failures=[503, 500])
    download([home(server)], tmp_path / "f", patience=QUICK)
    server.asked.clear()
    with pytest.raises(UserFacingError, match=r"404.*;.*404") as told:
        download([home(server, "/none"), home(server, "/neither")], tmp_path / "g", patience=QUICK)
    assert len(server.asked) == 2
    assert "already" in told.value.advice


def test_redirects_are_followed_but_not_in_circles_or_out_of_the_web(server, tmp_path):
    """A detour arrives; a loop, a chain without end and a file address are refused with the reason."""
    server.files["/a"] = Served(BODY)
    server.files["/detour"] = Served(b"", location="/a")
    server.files["/loop"] = Served(b"", location="/loop")
    server.files["/file"] = Served(b"", location="file:///etc/hostname")
    server.files["/plain"] = Served(b"", location="http://example.org/x")
    for number in range(12):
        server.files[f"/chain{number}"] = Served(b"", location=f"/chain{number + 1}")
    assert download([home(server, "/detour")], tmp_path / "f", patience=QUICK).sha256 == SHA
    for path, reason in (("/loop", "circle"), ("/chain0", "circle"), ("/file", "not allowed"), ("/plain", "not safe")):
        with pytest.raises(UserFacingError, match=reason):
            download([home(server, path)], tmp_path / "g", patience=QUICK)


@pytest.mark.parametrize(
    ("served", "reason"),
    [
        (Served(b"<!DOCTYPE html><html>Sign in to the Wi-Fi</html>"), "web page"),
        (Served(b"hello", kind="text/html; charset=utf-8"), "web page"),
        (Served(b"version https://git-lfs.github.com/spec/v1\noid sha256:00"), "pointer"),
        (Served(b""), "empty"),
        (Served(BODY, claimed_length=len(BODY) + 500, ranges=False), "stopped after"),
    ],
)
def test_garbage_is_recognised_and_the_next_home_asked(server, tmp_path, served, reason):
    """A log-in page, a pointer file, nothing at all or a wrong length never get the name."""
    server.files["/a"], server.files["/b"] = served, Served(BODY)
    with pytest.raises(UserFacingError, match=reason):
        download([home(server)], tmp_path / "f", patience=QUICK)
    assert not (tmp_path / "f").exists()
    assert download([home(server), home(server, "/b")], tmp_path / "f", patience=QUICK).url.endswith("/b")


def test_a_wrong_size_is_refused_before_it_is_fetched(server, tmp_path):
    """The published size is compared with what the server announces."""
    server.files["/a"] = Served(BODY)
    with pytest.raises(UserFacingError, match="bytes where"):
        download([home(server, size=12)], tmp_path / "f", patience=QUICK)
    assert list(tmp_path.iterdir()) == []


def test_the_check_of_the_reader_decides_last(server, tmp_path):
    """What the caller's check refuses is thrown away, and its words are in the message."""
    server.files["/a"] = Served(BODY)

    def refuse(path):
        assert path.read_bytes() == BODY
        raise UserFacingError("It holds no structures.")

    with pytest.raises(UserFacingError, match="holds no structures"):
        download([home(server)], tmp_path / "f", check=refuse, patience=QUICK)
    assert list(tmp_path.iterdir()) == []


def test_a_changed_file_behind_a_known_address_is_noticed(server, tmp_path):
    """The first download records the SHA-256; fetched again, another content is refused and the same one is verified."""
    server.files["/a"] = Served(BODY)
    target = tmp_path / "f"
    download([home(server)], target, patience=QUICK)
    target.unlink()
    assert download([home(server)], target, patience=QUICK).verified == f"sha256:{SHA}"
    server.files["/a"] = Served(BODY[:-1])
    target.unlink()
    with pytest.raises(UserFacingError, match="SHA-256 differs"):
        download([home(server)], target, patience=QUICK)


@pytest.mark.parametrize("stall", [True, False])
def test_stopping_keeps_the_part_and_answers_at_once(server, tmp_path, stall):
    """Stopped in a flowing or a silent transfer: it ends within moments, and the next call goes on where it stood."""
    server.files["/a"] = Served(BODY, stall_after=[60_000]) if stall else Served(BODY, slowly=0.02)
    switch, ended = StopSwitch(), []

    def run():
        try:
            download([home(server)], tmp_path / "f", switch=switch, patience=Patience(stall=30))
        except StoppedError:
            ended.append(time.monotonic())

    thread = threading.Thread(target=run)
    thread.start()
    while part_size([home(server)], tmp_path / "f") < 30_000:
        time.sleep(0.01)
    stopped = time.monotonic()
    switch.stop()
    thread.join(5)
    assert ended
    assert ended[0] - stopped < 1.0
    kept = part_size([home(server)], tmp_path / "f")
    assert 30_000 <= kept < len(BODY)
    server.files["/a"] = Served(BODY)
    download([home(server)], tmp_path / "f", patience=QUICK)
    assert (tmp_path / "f").read_bytes() == BODY
    assert server.asked[-1][1] == f"bytes={kept}-"


def test_a_stopped_switch_starts_nothing_and_a_part_can_be_forgotten(server, tmp_path):
    """No request leaves after a stop; forgetting removes every trace."""
    server.files["/a"] = Served(BODY, cut_after=[1000] * 5)
    with pytest.raises(UserFacingError):
        download([home(server)], tmp_path / "f", patience=Patience(retries=1))
    server.asked.clear()
    switch = StopSwitch()
    switch.stop()
    with pytest.raises(StoppedError):
        download([home(server)], tmp_path / "f", switch=switch, patience=QUICK)
    assert server.asked == []
    forget_part([home(server)], tmp_path / "f")
    assert list(tmp_path.iterdir()) == []


def test_parts_of_two_homes_are_never_mixed(server, tmp_path):
    """The homes may pack the data differently, so the second one begins with nothing."""
    server.files["/a"] = Served(BODY, cut_after=[100_000] * 9)
    server.files["/b"] = Served(BODY[::-1])
    download([home(server), home(server, "/b")], tmp_path / "f", patience=Patience(retries=1, pause=0.01))
    assert (tmp_path / "f").read_bytes() == BODY[::-1]


def test_a_full_disk_is_told_before_the_download(server, tmp_path, monkeypatch):
    """The free space is compared with what is still to come; no other home is asked."""
    server.files["/a"], server.files["/b"] = Served(BODY), Served(BODY)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(UserFacingError, match="GB free"):
        download([home(server), home(server, "/b")], tmp_path / "f", patience=QUICK)
    assert [path for path, _ in server.asked] == ["/a"]


def test_a_place_that_cannot_be_written_is_told(server, tmp_path):
    """The target's folder is a file: a sentence about the disk, not about the network."""
    server.files["/a"] = Served(BODY)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UserFacingError, match="cannot be written"):
        download([home(server)], tmp_path / "file" / "f", patience=QUICK)


def test_the_proxy_of_the_environment_is_used(server, tmp_path, monkeypatch):
    """With http_proxy set, the request for a port where nobody listens goes to the proxy."""
    server.files["http://localhost:9/a"] = Served(BODY)
    monkeypatch.setenv("http_proxy", server.url(""))
    monkeypatch.setenv("no_proxy", "")
    assert download([Home("http://localhost:9/a")], tmp_path / "f", patience=QUICK).sha256 == SHA


@pytest.mark.usefixtures("no_proxy")
def test_unreachable_homes_are_told_in_words(tmp_path):
    """A closed port, an unknown name and an address that is none."""
    homes = [
        Home("http://127.0.0.1:9/x"),
        Home("https://nowhere.invalid/x"),
        Home("ftp://example.org/x"),
        Home("nonsense"),
        Home("http://example.org/x"),
    ]
    with pytest.raises(UserFacingError) as told:
        download(homes, tmp_path / "f", patience=Patience(stall=2, retries=1, pause=0.01))
    assert "cannot be reached" in told.value.what
    assert "cannot be found" in told.value.what
    assert told.value.what.count("no web address") == 3


def test_an_https_home_does_not_fall_back_to_http():
    """A redirect from https to http would let anybody on the way exchange the file."""
    redirects = http_transfer._Redirects()
    request = http_transfer.urllib.request.Request("https://example.org/a")
    with pytest.raises(http_transfer.AttemptError, match="not safe"):
        redirects.redirect_request(request, None, 302, "", {}, "http://example.org/a")


def test_a_damaged_record_counts_as_none(tmp_path):
    """A note that is no JSON, or lacks a key, is no record."""
    for text in ("", "[]", '{"url": "x"}', json.dumps({"url": "x", "size": "many", "sha256": ""})):
        (tmp_path / "f.origin.json").write_text(text, encoding="utf-8")
        assert read_origin(tmp_path / "f") is None
