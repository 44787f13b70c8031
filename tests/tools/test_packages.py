"""What installs packages, from where, and which build of torch. Nothing is installed here."""

import sys
from pathlib import Path

import pytest

from launch import Stop, packages
from launch.packages import Sources

LISTED = """\
:env:.find-links='/opt/wheels'
:env:.index-url='https://env.example/simple'
global.cert='/etc/ssl/our.pem'
global.extra-index-url='https://a.example/simple https://b.example/simple'
global.index-url='https://file.example/simple'
install.find-links='/home/wheels'
install.no-index='true'
list.format='columns'
"""


def test_what_pip_is_told_is_read_as_pip_ranks_it():
    assert packages.settings(LISTED) == {
        "find-links": "/opt/wheels",
        "index-url": "https://env.example/simple",
        "cert": "/etc/ssl/our.pem",
        "extra-index-url": "https://a.example/simple https://b.example/simple",
        "no-index": "true",
    }
    assert packages.settings("") == {}


def test_uv_is_told_the_same():
    told = Sources(packages.settings(LISTED))
    assert told.for_uv() == [
        "--no-index",
        *("--default-index", "https://env.example/simple"),
        *("--extra-index-url", "https://a.example/simple", "--extra-index-url", "https://b.example/simple"),
        *("--find-links", "/opt/wheels"),
    ]
    assert told.surroundings() == {"SSL_CERT_FILE": "/etc/ssl/our.pem"}
    assert Sources({"no-index": "false"}).for_uv() == [] and Sources().surroundings() == {"UV_SYSTEM_CERTS": "1"}


def test_the_settings_of_this_machine_s_pip_can_be_read():
    assert all(isinstance(value, str) for value in packages.sources(Path(sys.executable)).said.values())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("  Downloading torch-2.13.0+cpu-cp311-linux.whl (191.1 MB)\n", "downloading torch (191.1 MB)"),
        ("Downloading https://x.org/a/plotly-7.1.0-py3.whl (9.9 MB)", "downloading plotly (9.9 MB)"),
        ("  Downloading six-1.17.0-py2.py3-none-any.whl (11 kB)", ""),
        ("Installing collected packages: a, b", "installing ..."),
        ("Requirement already satisfied: six", ""),
        ("Downloading scikit-learn (8.6MiB)\n", "downloading scikit-learn (8.6MiB)"),
        ("Prepared 102 packages in 4.10s", "installing ..."),
        (" Downloaded scikit-learn", ""),
    ],
)
def test_what_is_said_of_an_installers_lines(line, said):
    assert packages.progress_of(line) == said


# --- which build of torch ---------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An environment's Python and a file of requirements; a Linux without a card, with the network."""
    (tmp_path / "requirements.txt").write_text("numpy==2.4.6  # arrays\ntorch==2.13.0   # models\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\n")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    monkeypatch.delenv("GAZE_TORCH_INDEX", raising=False)
    monkeypatch.setattr(packages.sys, "platform", "linux")
    monkeypatch.setattr(packages, "has_nvidia", lambda: False)
    monkeypatch.setattr(packages, "reachable", lambda url: True)
    return tmp_path / ".venv/bin/python", tmp_path / "requirements-dev.txt"


def pinned(options):
    return Path(options[options.index("--constraint") + 1]).read_text().strip()


def test_without_a_card_the_small_build_comes_from_wherever_it_can_be_had(place, monkeypatch):
    options = packages.torch_options(*place)
    assert pinned(options) == "torch==2.13.0+cpu" and options[2:] == ["--extra-index-url", packages.CPU_TORCH]
    monkeypatch.setattr(packages, "reachable", lambda url: False)
    options = packages.torch_options(*place)
    assert pinned(options) == "torch==2.13.0+cpu" and options[2:] == []


def test_with_a_card_the_small_build_never_comes(place, monkeypatch):
    monkeypatch.setattr(packages, "has_nvidia", lambda: True)
    monkeypatch.setattr(packages, "reachable", lambda url: pytest.fail("asked another host"))
    options = packages.torch_options(*place)
    assert pinned(options) == "torch!=2.13.0+cpu" and options[2:] == []


def test_elsewhere_there_is_one_build_and_a_source_that_is_named_is_taken(place, monkeypatch):
    monkeypatch.setenv("GAZE_TORCH_INDEX", "https://mirror.example/cu130")
    assert packages.torch_options(*place) == ["--extra-index-url", "https://mirror.example/cu130"]
    monkeypatch.delenv("GAZE_TORCH_INDEX")
    monkeypatch.setattr(packages.sys, "platform", "darwin")
    assert packages.torch_options(*place) == []


# --- installing -------------------------------------------------------------------------------------------------------

NO_SMALL_ONE = {
    "pip": "ERROR: No matching distribution found for torch==2.13.0\nThe user requested (constraint) torch==2.13.0+cpu",
    "uv": "  x No solution found when resolving dependencies:\n  there is no version of torch==2.13.0+cpu",
}


class Installers:
    """Fakes of pip and uv that answer by rule; ran: who was asked, and with a pinned build or not."""

    def __init__(self, monkeypatch, python, *, uv=True, fails=lambda who, small: ""):
        self.ran, self.fails, self.uv, self.python = [], fails, uv, python
        monkeypatch.setattr(packages, "sources", lambda python: Sources({"index-url": "https://i.example"}))
        monkeypatch.setattr(packages, "lines_of", self.answer)

    def answer(self, command, lock, heard=None, environment=None):
        if command[-1] == packages.UV:
            if self.uv:
                self.python.with_name("uv").touch()
            return (0 if self.uv else 1), ""
        who = "pip" if command[0] == str(self.python) else "uv"
        if who == "uv":
            assert command[0] == str(self.python.with_name("uv")) and "https://i.example" in command
        small = "--constraint" in command
        self.ran.append((who, small))
        said = self.fails(who, small)
        return (1 if said else 0), said


def test_uv_installs_where_it_can_be_had(place, monkeypatch):
    some = Installers(monkeypatch, place[0])
    packages.install(*place, 0)
    assert some.ran == [("uv", True)]


def test_pip_installs_where_uv_cannot_be_had(place, monkeypatch):
    some = Installers(monkeypatch, place[0], uv=False)
    packages.install(*place, 0)
    assert some.ran == [("pip", True)]


def test_pip_installs_where_uv_fails(place, monkeypatch, capsys):
    some = Installers(monkeypatch, place[0], fails=lambda who, small: who == "uv" and "certificate unknown")
    packages.install(*place, 0)
    assert some.ran == [("uv", True), ("pip", True)] and "certificate unknown" in capsys.readouterr().out


@pytest.mark.parametrize("uv", [True, False])
def test_where_nobody_has_the_small_build_the_ordinary_one_comes(place, monkeypatch, capsys, uv):
    some = Installers(monkeypatch, place[0], uv=uv, fails=lambda who, small: NO_SMALL_ONE[who] if small else "")
    packages.install(*place, 0)
    who = "uv" if uv else "pip"
    assert some.ran == [(who, True), (who, False)] and "about 3 GB" in capsys.readouterr().out


def test_when_both_fail_the_last_words_are_said(place, monkeypatch):
    Installers(monkeypatch, place[0], fails=lambda who, small: f"{who}: No space left on device")
    with pytest.raises(Stop, match="pip: No space left on device") as stop:
        packages.install(*place, 0)
    assert "what was downloaded is kept" in str(stop.value)
