"""The environment .venv: made, filled, and made anew when that was broken off. Standard library only."""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launch import HERE, VENV, Stop, last_lines, venv_python
from launch.packages import install
from launch.process import lines_of

UNFINISHED = "gaze.unfinished"  # lies in an environment of ours while it is being made or filled
LONGEST_FOLDER = 60  # letters; what the packages bring has names of up to 200 more, and Windows takes 259
OLDEST_MACOS = 14  # of the builds of torch


#: What an environment is for -> the files of requirements that it holds, the last of which names the others.
FILES: dict[str, tuple[str, ...]] = {"app": ("requirements.txt",)}
FILES["cluster"] = (*FILES["app"], "requirements-cluster.txt")
FILES["dev"] = (*FILES["cluster"], "requirements-dev.txt")


def use(*, dev: bool, cluster: bool = False) -> str:
    """What an environment is for, one of FILES."""
    return "dev" if dev else "cluster" if cluster else "app"


def stamp(root: Path = HERE, *, dev: bool, cluster: bool = False) -> str:
    """What an environment must have been installed from: the requirements and this Python."""
    files = FILES[use(dev=dev, cluster=cluster)]
    text = b"\0".join((root / name).read_bytes() for name in files)
    return hashlib.sha256(text + sys.version.encode()).hexdigest()


def stamp_name(*, dev: bool, cluster: bool = False) -> str:
    name = use(dev=dev, cluster=cluster)
    return "gaze.stamp" if name == "app" else f"gaze-{name}.stamp"


def installed(root: Path = HERE, *, dev: bool, cluster: bool = False) -> bool:
    """Whether .venv holds the requirements as they stand; what the tests need includes all that others need."""
    venv = root / VENV.name
    if not venv_python(venv).exists() or (venv / UNFINISHED).exists():  # also when it points to a Python that is gone
        return False
    try:
        found = (venv / stamp_name(dev=dev, cluster=cluster)).read_text(encoding="utf-8")
        return found == stamp(root, dev=dev, cluster=cluster)
    except OSError:
        return False


def set_up(root: Path = HERE, *, dev: bool = False, cluster: bool = False) -> None:
    """Make .venv and install what is missing; says what it does, and does nothing when all is there.

    It may be broken off at any moment: a mark is written before and taken away after, and an environment that bears
    it is made anew. What was downloaded by then is not downloaded again.
    """
    if installed(root, dev=dev, cluster=cluster):
        return
    check_machine(root)
    with alone(root) as lock:
        if not installed(root, dev=dev, cluster=cluster):  # another start may have done it meanwhile
            fill(root, lock, dev=dev, cluster=cluster)


def fill(root: Path, lock: int, *, dev: bool, cluster: bool = False) -> None:
    """Bring the environment to what the requirements say. lock: see alone."""
    venv = root / VENV.name
    if (venv / UNFINISHED).exists() or not usable(venv):
        make(venv, lock)
    else:
        print("The requirements have changed: installing what is new.", flush=True)
        if any(venv.glob("gaze*.stamp")):
            mark(venv)  # an environment that somebody else made is not ours to make anew
    install(venv_python(venv), root / FILES[use(dev=dev, cluster=cluster)][-1], lock)
    held = [{"dev": False}, *([{"dev": False, "cluster": True}] if dev or cluster else []), *([{"dev": True}] * dev)]
    for kind in held:
        (venv / stamp_name(**kind)).write_text(stamp(root, **kind), encoding="utf-8")
    (venv / UNFINISHED).unlink(missing_ok=True)


def usable(venv: Path) -> bool:
    """Whether there is a Python that runs and has pip."""
    try:
        return subprocess.run([venv_python(venv), "-m", "pip", "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


def mark(venv: Path) -> None:
    (venv / UNFINISHED).write_text("Installing has begun and not ended.\n", encoding="utf-8")


def make(venv: Path, lock: int) -> None:
    """A new environment with pip in it, in place of whatever lies there."""
    print("Setting up Gaze in .venv: once, a few minutes.", flush=True)
    try:
        if venv.exists():
            # Its Python first: what is left when this is broken off is no environment.
            shutil.rmtree(venv_python(venv).parent, ignore_errors=True)
            shutil.rmtree(venv)
        venv.mkdir()
        mark(venv)
    except OSError as error:
        raise Stop(f"{venv} cannot be made anew: {error}.\nEnd what uses it, and start again.") from None
    code, said = lines_of([sys.executable, "-m", "venv", str(venv)], lock)
    if code:
        raise Stop(
            f"Python could not make an environment in .venv:\n{last_lines(said)}\n"
            "On Debian and Ubuntu this helps: sudo apt install python3-venv"
        )


@contextmanager
def alone(root: Path) -> Iterator[int]:
    """Let one start at a time set up; gives the number of a file that holds the others off.

    Whoever inherits the file holds them off too: an installer that outlives a killed start, until it has ended.
    """
    try:
        file = (root / ".venv.lock").open("wb")
    except OSError as error:
        raise Stop(f"Gaze cannot be set up in {root}: {error.strerror}. Put it into a folder of your own.") from None
    with file:
        if not taken(file.fileno()):
            print("Another start is setting up Gaze: waiting for it.", flush=True)
            while not taken(file.fileno()):
                time.sleep(0.2)
        yield file.fileno()


def taken(number: int) -> bool:
    """Lock the open file of this number; False while another process has it. It is free when its holders end."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def check_machine(root: Path) -> None:
    """Stop says what no installer can put right."""
    if sys.platform == "darwin":
        if platform.machine() == "x86_64":
            raise Stop(
                "PyTorch is no longer built for Intel processors on macOS, and Gaze needs it.\n"
                "If this Mac has Apple silicon, then its Python is one for Intel: install the other from python.org."
            )
        if int(platform.mac_ver()[0].split(".")[0] or 0) < OLDEST_MACOS:
            raise Stop(f"PyTorch needs macOS {OLDEST_MACOS} or newer; this is {platform.mac_ver()[0]}.")
    if sys.platform == "win32" and len(str(root)) > LONGEST_FOLDER and not long_names():
        print(
            f"The name of this folder is long for Windows: {root}\nIf installing fails, move Gaze to C:\\gaze.",
            flush=True,
        )


def long_names() -> bool:
    """Whether this Windows allows names of more than 260 letters."""
    if sys.platform != "win32":
        return True
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:
            return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])
    except OSError:
        return False
