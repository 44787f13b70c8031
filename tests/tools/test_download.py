"""Downloads come whole from a server of this machine that stops, lies, moves and refuses."""

import errno
import hashlib
import io
from pathlib import Path

import pytest

from core.types import Refused
from tests.tools.conftest import CONTENT
from training.corpora import download
from training.corpora.download import Source


def summed(content):
    return hashlib.sha256(content).hexdigest()


def test_a_file_comes_whole_and_only_once(publisher, tmp_path):
    told = []
    path = download.get(publisher.source(), tmp_path, lambda *some: told.append(some))
    assert path.read_bytes() == CONTENT and told[-1] == (len(CONTENT), len(CONTENT))
    assert download.sums(tmp_path)["file"]["sha256"] == summed(CONTENT)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "sums.json"]
    publisher.content = b"renewed"
    assert download.get(publisher.source(), tmp_path).read_bytes() == CONTENT and len(publisher.ranges) == 1


def test_a_broken_connection_goes_on_where_it_stopped(publisher, tmp_path):
    publisher.breaks = [300_000, 1, 0, 200_000]
    assert download.get(publisher.source(), tmp_path).read_bytes() == CONTENT
    assert publisher.ranges == [None, *(f"bytes={n}-" for n in (300_000, 300_001, 300_001, 500_001))]


def test_a_run_that_was_killed_goes_on_in_the_next(publisher, tmp_path):
    class Killed(Exception):
        pass

    def kill(done, total):
        raise Killed

    with pytest.raises(Killed):
        download.get(publisher.source(), tmp_path, kill)
    here = (tmp_path / "file.part").stat().st_size
    assert 0 < here < len(CONTENT)
    assert download.get(publisher.source(), tmp_path).read_bytes() == CONTENT
    assert publisher.ranges == [None, f"bytes={here}-"]


def test_halves_of_two_versions_are_never_put_together(publisher, tmp_path):
    publisher.breaks = [0] * download.TRIES
    publisher.breaks[0] = 300_000
    publisher.breaks.append(0)
    with pytest.raises(Refused, match=r"goes on after the 0\.3 MB that are here"):
        download.get(publisher.source(), tmp_path)
    publisher.content, publisher.version = CONTENT[::-1], '"two"'
    assert download.get(publisher.source(), tmp_path).read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("version", ["", 'W/"weak"'])
def test_without_a_version_that_tells_bytes_apart_it_is_sent_anew(publisher, tmp_path, version):
    publisher.breaks, publisher.version = [300_000], version
    assert download.get(publisher.source(), tmp_path).read_bytes() == CONTENT
    assert publisher.ranges == [None, None]


def test_a_file_that_is_shorter_now_is_sent_anew(publisher, tmp_path):
    (tmp_path / "file.part").write_bytes(CONTENT + b"more")
    (tmp_path / "file.mark").write_text(publisher.version)
    assert download.get(publisher.source(), tmp_path).read_bytes() == CONTENT


def test_a_published_sum_is_checked(publisher, tmp_path):
    with pytest.raises(Refused, match=f"sum is {summed(CONTENT)}, not {summed(b'other')} as published"):
        download.get(publisher.source(sha256=summed(b"other")), tmp_path)
    assert not list(tmp_path.glob("file*"))
    assert download.get(publisher.source(sha256=summed(CONTENT)), tmp_path).exists()


@pytest.mark.parametrize("known", [True, False])
def test_a_file_that_changed_on_the_disk_is_fetched_again(publisher, tmp_path, known):
    source = publisher.source(sha256=summed(CONTENT) if known else "")
    download.get(source, tmp_path).write_bytes(b"changed")
    assert download.get(source, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("says", [True, False])
def test_a_file_far_too_large_is_something_else(publisher, tmp_path, says):
    publisher.says_length = says
    with pytest.raises(Refused, match="It is not used"):
        download.get(publisher.source(most=500_000), tmp_path)
    assert not (tmp_path / "file").exists()


def test_a_file_that_has_moved_is_said_with_what_to_do(publisher, tmp_path):
    publisher.status = 404
    with pytest.raises(Refused, match="answers 404") as refused:
        download.get(publisher.source(), tmp_path)
    assert f"save it as {tmp_path / 'file'}" in str(refused.value) and len(publisher.ranges) == 1


def test_what_was_saved_by_hand_is_taken(publisher, tmp_path):
    """As the sentence of a file that has moved says."""
    publisher.status = 404
    (tmp_path / "file").write_bytes(CONTENT)
    assert download.get(publisher.source(), tmp_path).read_bytes() == CONTENT
    with pytest.raises(Refused, match="answers 404"):
        download.get(publisher.source(sha256=summed(b"other")), tmp_path)


def test_nobody_there(tmp_path):
    with pytest.raises(Refused, match="cannot be reached"):
        download.get(Source("file", "http://127.0.0.1:9/file", most=10), tmp_path)


def test_a_full_disk_is_said_and_what_came_stays(publisher, tmp_path, monkeypatch):
    opened = Path.open

    class Full(io.BytesIO):
        def write(self, chunk):
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(
            Path, "open", lambda path, mode="r", **more: Full() if "b" in mode else opened(path, mode, **more)
        )
        with pytest.raises(Refused, match="No space is left for file") as refused:
            download.get(publisher.source(), tmp_path)
    assert "--data" in str(refused.value)
    assert download.get(publisher.source(), tmp_path).read_bytes() == CONTENT


def test_what_is_renewed_is_fetched_again_when_asked(publisher, tmp_path):
    download.get(publisher.source(), tmp_path)
    publisher.content = CONTENT[::-1]
    assert download.get(publisher.source(), tmp_path, again=True).read_bytes() == CONTENT[::-1]
    assert download.get(publisher.source(), tmp_path).read_bytes() == CONTENT[::-1]
    download.get(publisher.source(sha256=summed(CONTENT[::-1])), tmp_path, again=True)
    assert len(publisher.ranges) == 2, "what is published for good is not asked for again"
