"""The environment: made whole or made anew, whenever it is broken off. Nothing is installed here."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from launch import Stop, environment, venv_python
from tests.apptest import ROOT


@pytest.fixture
def project(tmp_path):
    """A project folder with requirements, and no environment."""
    (tmp_path / "requirements.txt").write_text("torch==2.13.0\n")
    (tmp_path / "requirements-cluster.txt").write_text("-r requirements.txt\nray\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements-cluster.txt\npytest\n")
    return tmp_path


def with_python(project):
    """An environment that holds nothing but a Python; the first one if there are several."""
    python = venv_python(project / ".venv")
    python.parent.mkdir(parents=True, exist_ok=True)
    python.touch()
    return project


def stamped(project, *, dev):
    with_python(project)
    (project / ".venv" / environment.stamp_name(dev=dev)).write_text(environment.stamp(project, dev=dev))


def installed(project, *, dev=False):
    return environment.installed(project, dev=dev)


def test_nothing_is_installed_without_a_stamp(project):
    assert not installed(with_python(project))


def test_a_stamp_holds_until_the_requirements_change(project):
    stamped(project, dev=False)
    assert installed(project)
    (project / "requirements.txt").write_text("torch==2.14.0\n")
    assert not installed(project)


def test_the_tests_need_more_than_the_app(project):
    stamped(project, dev=False)
    assert not installed(project, dev=True)
    stamped(project, dev=True)
    assert installed(project, dev=True)
    (project / "requirements-dev.txt").write_text("hypothesis\n")
    assert installed(project)
    assert not installed(project, dev=True)


def test_a_cluster_needs_more_than_the_app_and_the_tests_need_it_too(machine):
    root = machine.project
    environment.set_up(root, cluster=True)
    assert installed(root) and environment.installed(root, dev=False, cluster=True) and not installed(root, dev=True)
    machine.start(dev=True)
    (root / "requirements-cluster.txt").write_text("-r requirements.txt\nray==3\n")
    assert installed(root)
    assert not environment.installed(root, dev=False, cluster=True) and not installed(root, dev=True)


@pytest.mark.skipif(os.name == "nt", reason="not on Windows: links need rights there")
def test_an_environment_whose_python_is_gone_is_none(project):
    stamped(project, dev=False)
    python = venv_python(project / ".venv")
    python.unlink()
    python.symlink_to(project / "no-such-python")
    assert not installed(project)


def test_stamp_depends_on_the_python(project, monkeypatch):
    before = environment.stamp(project, dev=False)
    monkeypatch.setattr(environment.sys, "version", "3.99")
    assert environment.stamp(project, dev=False) != before


def test_set_up_does_nothing_when_all_is_there(project, monkeypatch):
    stamped(project, dev=False)
    monkeypatch.setattr(environment, "fill", lambda *a, **k: pytest.fail("installed again"))
    environment.set_up(project)
    assert not (project / ".venv.lock").exists()


# --- broken off -------------------------------------------------------------------------------------------------------


class Machine:
    """Stands for what makes and fills environments, in steps; a step that is broken off leaves its file half-written.

    Real files, no real installer: after a whole run .venv holds a Python, two packages and nothing else.
    """

    def __init__(self, project, monkeypatch):
        self.project, self.venv = project, project / ".venv"
        self.steps, self.last = 0, None  # last: the step at which it is broken off
        monkeypatch.setattr(environment, "usable", lambda venv: venv_python(venv).exists() and (venv / "pip").exists())
        monkeypatch.setattr(environment, "lines_of", self.make)
        monkeypatch.setattr(environment, "install", self.install)

    def write(self, path):
        self.steps += 1
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.steps == self.last:
            path.write_text("half")
            raise KeyboardInterrupt
        path.write_text("whole")

    def make(self, command, lock):
        assert command[1:] == ["-m", "venv", str(self.venv)]
        self.write(venv_python(self.venv))
        self.write(self.venv / "pip")
        return 0, ""

    def install(self, python, requirements, lock):
        for name in ("torch", "numpy"):
            if not (self.venv / name).exists():  # an installer that takes what is there for whole
                self.write(self.venv / name)
        if requirements.name == "requirements-dev.txt" and not (self.venv / "pytest").exists():
            self.write(self.venv / "pytest")

    def start(self, last=None, *, dev=False):
        self.steps, self.last = 0, last
        environment.set_up(self.project, dev=dev)

    def is_whole(self, *names):
        found = {path.name: path.read_text() for path in self.venv.rglob("*") if path.is_file()}
        found = {name: text for name, text in found.items() if not name.endswith(".stamp")}
        return found == dict.fromkeys([venv_python().name, "pip", "torch", "numpy", *names], "whole")


@pytest.fixture
def machine(project, monkeypatch):
    return Machine(project, monkeypatch)


def test_the_first_start_makes_and_fills(machine, capsys):
    machine.start()
    assert machine.is_whole() and installed(machine.project)
    assert "once, a few minutes" in capsys.readouterr().out


@pytest.mark.parametrize("last", [1, 2, 3, 4])
@pytest.mark.parametrize("again", [None, 1, 3])
def test_a_start_that_was_broken_off_is_made_good_by_the_next(machine, last, again):
    for moment in (last, again):
        if moment:
            with pytest.raises(KeyboardInterrupt):
                machine.start(moment)
            assert not installed(machine.project)
    machine.start()
    assert machine.is_whole() and installed(machine.project)


def test_installing_more_that_was_broken_off_is_made_good(machine, capsys):
    machine.start()
    with pytest.raises(KeyboardInterrupt):
        machine.start(1, dev=True)
    assert not installed(machine.project), "what was being changed is no longer known to be whole"
    machine.start(dev=True)
    assert machine.is_whole("pytest") and installed(machine.project) and installed(machine.project, dev=True)


def test_an_environment_broken_off_while_it_is_thrown_away_is_none(machine, monkeypatch):
    """Its Python goes first, so that the rest is never taken for an environment, with its mark or without."""
    with pytest.raises(KeyboardInterrupt):
        machine.start(4)
    remove, removed = environment.shutil.rmtree, []

    def broken_off(folder, **options):
        if removed:
            (folder / environment.UNFINISHED).unlink()  # files go in any order
            raise KeyboardInterrupt
        removed.append(folder)
        remove(folder, **options)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(environment.shutil, "rmtree", broken_off)
        machine.start()
    assert (machine.venv / "numpy").read_text() == "half"
    machine.start()
    assert machine.is_whole() and installed(machine.project)


def test_an_environment_of_somebody_else_is_filled_and_never_thrown_away(machine):
    machine.write(venv_python(machine.venv))
    machine.write(machine.venv / "pip")
    machine.write(machine.venv / "theirs")
    with pytest.raises(KeyboardInterrupt):
        machine.start(2)
    (machine.venv / "numpy").write_text("whole")
    machine.start()
    assert machine.is_whole("theirs")


def test_a_failure_to_make_one_says_what_helps(project, monkeypatch):
    monkeypatch.setattr(environment, "lines_of", lambda command, lock: (1, "No module named ensurepip"))
    with pytest.raises(Stop, match="No module named ensurepip") as stop:
        environment.set_up(project)
    assert "apt install python3-venv" in str(stop.value) and not installed(project)


HOLDER = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from launch import environment, process
with environment.alone(Path({project!r})) as lock:
    process.lines_of([sys.executable, "-c", "print(open({gate!r}).read())"], lock)
"""


@pytest.mark.skipif(os.name == "nt", reason="not on Windows: it has no pipes with names")
def test_an_installer_that_outlives_a_killed_start_holds_the_next_one_off(project):
    gate = project / "gate"
    os.mkfifo(gate)
    code = HOLDER.format(root=str(ROOT), project=str(project), gate=str(gate))
    with subprocess.Popen([sys.executable, "-c", code]) as start:
        opened = gate.open("w")  # waits until the installer reads
        start.send_signal(signal.SIGKILL)
    with (project / ".venv.lock").open("wb") as file:
        assert not environment.taken(file.fileno())
        opened.close()  # now it ends
        while not environment.taken(file.fileno()):
            os.sched_yield()


@pytest.mark.skipif(os.name == "nt", reason="not on Windows: signals do not reach processes there")
def test_a_start_that_is_told_to_end_takes_its_installer_with_it(project):
    gate = project / "gate"
    os.mkfifo(gate)
    code = HOLDER.format(root=str(ROOT), project=str(project), gate=str(gate))
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) as start, gate.open("w"):
        start.send_signal(signal.SIGTERM)
        said = start.communicate()[1]
    assert "KeyboardInterrupt" in said
    with (project / ".venv.lock").open("wb") as file:
        assert environment.taken(file.fileno())


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(Stop, match="Put it into a folder of your own"), environment.alone(tmp_path / "not-there"):
        pass


# --- machines ---------------------------------------------------------------------------------------------------------


def on(monkeypatch, system, processor="", version=""):
    monkeypatch.setattr(environment.sys, "platform", system)
    monkeypatch.setattr(environment.platform, "machine", lambda: processor)
    monkeypatch.setattr(environment.platform, "mac_ver", lambda: (version, ("", "", ""), processor))


@pytest.mark.parametrize(
    ("processor", "version", "says"),
    [("x86_64", "14.5", "no longer built for Intel"), ("arm64", "13.6", "macOS 14 or newer; this is 13.6")],
)
def test_a_mac_that_pytorch_is_not_built_for_is_told(monkeypatch, processor, version, says):
    on(monkeypatch, "darwin", processor, version)
    with pytest.raises(Stop, match=says):
        environment.check_machine(Path("/gaze"))


def test_a_mac_that_pytorch_is_built_for_is_not(monkeypatch):
    on(monkeypatch, "darwin", "arm64", "14.0")
    environment.check_machine(Path("/gaze"))


@pytest.mark.parametrize(("letters", "allowed", "told"), [(61, False, True), (60, False, False), (90, True, False)])
def test_a_folder_whose_name_is_long_for_windows_is_told(monkeypatch, capsys, letters, allowed, told):
    on(monkeypatch, "win32")
    monkeypatch.setattr(environment, "long_names", lambda: allowed)
    environment.check_machine(Path("x" * letters))
    assert ("long for Windows" in capsys.readouterr().out) is told
