"""What is closed where others can visit: models, large files, long texts; and that one can see what is open."""

import pytest

from core import public
from core.data.delimited import check_size
from core.data.pictures import add_picture
from core.models.reading import positions_in
from core.requests import TextRequest
from core.types import Refused

HOSTS = [("127.0.0.1", False), ("localhost", False), ("::1", False), ("0.0.0.0", True), ("192.168.1.2", True)]


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    for name in ("GAZE_HOST", "GAZE_PUBLIC", "GAZE_ALLOW_ANY", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def visited(monkeypatch):
    monkeypatch.setenv("GAZE_HOST", "0.0.0.0")


@pytest.mark.parametrize(("host", "is_public"), HOSTS)
def test_any_address_but_a_loopback_one_is_public(monkeypatch, host, is_public):
    monkeypatch.setenv("GAZE_HOST", host)
    assert public.is_public() is is_public
    assert public.anything_allowed() is not is_public
    monkeypatch.setenv("GAZE_PUBLIC", "0" if is_public else "1")
    assert public.is_public() is not is_public


def test_who_says_so_opens_what_is_closed_and_closes_what_is_open(monkeypatch, visited):
    monkeypatch.setenv("GAZE_ALLOW_ANY", "1")
    assert public.anything_allowed() and public.is_public()
    monkeypatch.setenv("GAZE_HOST", "127.0.0.1")
    monkeypatch.setenv("GAZE_ALLOW_ANY", "no")
    assert not public.anything_allowed() and not public.is_public()


def test_files_of_visitors_have_ten_megabytes(visited):
    with pytest.raises(Refused, match="up to 10 MB"):
        check_size(b"x" * 10_000_001, "a.csv")
    with pytest.raises(Refused, match="up to 10 MB"):
        add_picture(b"x" * 10_000_001)
    assert check_size(b"x" * 10_000_000, "a.csv") is None
    assert public.uploaded(4_000_000) == 4_000_000


def test_at_home_files_may_be_larger():
    assert check_size(b"x" * 10_000_001, "a.csv") is None and public.uploaded(500_000_000) == 500_000_000


def test_texts_of_visitors_are_half_as_long(visited):
    with pytest.raises(Refused, match="10,001 characters; Gaze reads up to 10,000"):
        TextRequest("m", "x" * 10_001)
    assert positions_in(None) == 1_024
    assert TextRequest("m", "x" * 10_000).text


def test_at_home_texts_are_as_long_as_ever():
    assert len(TextRequest("m", "x" * 20_000).text) == 20_000 and positions_in(None) == 2_048


@pytest.mark.parametrize(("surroundings", "code"), [({}, 0), ({"GAZE_ALLOW_ANY": "1"}, 1), ({"GAZE_PUBLIC": "0"}, 1)])
def test_the_check_says_what_is_open(monkeypatch, capsys, surroundings, code):
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GAZE_HOST", "0.0.0.0")
    assert public.main() == code
    lines = capsys.readouterr().out.splitlines()
    models = next(line for line in lines if "other models" in line)
    assert models.strip().startswith("yes" if code else "no")
    assert sum(line.strip().startswith(("yes", "no")) for line in lines) == len(public.openings())
