"""Set up and start Gaze, its tests and its tools: python run.py --help. Standard library only, any system."""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # before all else and in old words, so that an old Python says this and nothing else
    sys.exit(
        "Gaze needs Python 3.11 or newer; this is Python %d.%d.\n"
        "Install a newer one (python.org, or your system's packages) and start again with it, "
        "for example: python3.12 run.py" % sys.version_info[:2]
    )

import argparse
import os
import time
from pathlib import Path

from launch import HERE, Stop, venv_python
from launch.browser import get_browser
from launch.environment import set_up
from launch.ports import address, choose_port, healthy, room_address
from launch.process import Child, run

START_SECONDS = 90  # longest wait for the app to answer; a slow disk reads torch for half a minute
FAST = ["-m", "not slow and not browser", "tests/core", "tests/pages", "tests/tools"]  # while one works
HELP = """Gaze: see what transformers attend to.

  python run.py                   set up what is missing, start, open the browser
      --port N                    the port to listen on (default: the first free one from 8501)
      --host ADDRESS              0.0.0.0 lets the room in (default: 127.0.0.1, this machine only)
      --base-path PATH            serve under a path, behind a proxy
      --browser / --no-browser    open a browser, or do not

  python run.py lesson FILE       open a lesson of your own, shown anew whenever you save it (docs/lessons.md)
  python run.py check             before a class: models, memory, address, a room of thirty
  python run.py check --public    tell what visitors may do, once the room or the world is let in
  python run.py fetch NAME...     download models for later, when there is no network
  python run.py cluster           answer the questions of many servers, on one machine or several (--help tells)
  python run.py test [OPTIONS]    check style and run the tests (--fast: half of them); options go to pytest
  python run.py data              get what training needs: sentence pairs and emoji, from their publishers
  python run.py train NAME ...    train a built-in model: train translator --minutes 60
  python run.py bench             measure (--soak: a server under visitors and faults, for 20 minutes)
  python run.py shots [FOLDER]    take pictures of every page

The first start installs what Gaze needs into .venv (1.9 GB, a minute or a few). Later ones take seconds.
"""


# --- the app ----------------------------------------------------------------------------------------------------------


def app_command(host: str, port: int, base_path: str = "") -> list[str]:
    command = ["-m", "streamlit", "run", "app.py", "--server.address", host, "--server.port", str(port)]
    command += ["--server.headless", "true", "--logger.hideWelcomeMessage", "true"]
    return command + (["--server.baseUrlPath", base_path] if base_path else [])


def start(given: list[str], query: str = "") -> int:
    options = argparse.ArgumentParser(prog="run.py", usage="python run.py [options]", add_help=False)
    options.add_argument("--port", type=int)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--base-path", default="")
    options.add_argument("--browser", action=argparse.BooleanOptionalAction, default=has_screen())
    chosen = options.parse_args(given)
    base_path = chosen.base_path.strip("/")
    if not (HERE / "app.py").exists():
        raise Stop("app.py is missing: run.py must stand in Gaze's own folder.")
    set_up()
    port = choose_port(chosen.host, chosen.port)
    environment = {"GAZE_HOST": chosen.host}
    with Child([str(venv_python()), *app_command(chosen.host, port, base_path)], environment) as child:
        end = time.monotonic() + START_SECONDS
        while not healthy(chosen.host, port, base_path):
            if child.process.poll() is not None:
                return child.wait()
            if time.monotonic() > end:
                raise Stop(f"Gaze did not answer within {START_SECONDS} seconds. Its messages above say why.")
            time.sleep(0.05)
        here, room = address(chosen.host, port, base_path) + query, room_address(chosen.host, port, base_path)
        print(f"\nGaze is ready: {here}", flush=True)
        if room:
            print(f"For the room:  {room}", flush=True)
        print("Press Ctrl-C here to stop it.\n", flush=True)
        if chosen.browser:
            import webbrowser

            webbrowser.open(here)
        return child.wait()


def lesson(given: list[str]) -> int:
    """Start with a lecturer's own lesson, which is shown anew whenever its file changes."""
    if not given or given[0].startswith("-"):
        raise Stop("Which file? For example: python run.py lesson my-lesson.md", 2)
    file = Path(given[0])
    if not file.is_file():
        raise Stop(f"There is no file {given[0]}. docs/lessons.md says how a lesson is written.", 2)
    os.environ["GAZE_LESSON"] = str(file.resolve())
    return start(given[1:], "?lesson=own")


def has_screen() -> bool:
    """Whether somebody sits before this machine, so that a browser window is welcome."""
    if not sys.stdout.isatty() or os.environ.get("SSH_CONNECTION"):
        return False
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


# --- tests and tools --------------------------------------------------------------------------------------------------


def test(given: list[str]) -> int:
    """Style, then tests; all of them run, and the first failure gives the exit code. --fast: what needs no browser."""
    set_up(dev=True)
    fast = ["--fast"] if "--fast" in given else []
    given = [*(FAST if fast else []), *(option for option in given if option not in fast)]
    browser = "" if fast else get_browser()
    # Bytecode is kept, whatever this shell says: else each of the many processes compiles torch for itself.
    environment = {"PYTHONDONTWRITEBYTECODE": "", **({"GAZE_CHROMIUM": browser} if browser else {})}
    if fast:  # fewer made-up inputs: see tests/arbitrary.py
        environment["GAZE_EXAMPLES"] = os.environ.get("GAZE_EXAMPLES", "50")
    if os.environ.get("CI") and not browser and not fast:
        raise Stop("There is no browser, and none could be installed: the browser tests cannot be left out here.")
    if not browser and not fast:
        print("No browser: the tests that need one are left out. Install Chromium or Chrome to run them.")
    styles = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["tests.js.run", *fast])
    codes = [run(["-m", *style]) for style in styles]
    codes.append(run(["-m", "pytest", *at_once(os.cpu_count() or 1), *given], environment))
    return next((code for code in codes if code), 0)


def at_once(cores: int) -> list[str]:
    """Two processes of tests, a file at a time each, so that what a file's tests share is made once.

    Not more: each starts an app, a browser and its own copies of the models. The files come in the order of their
    names, which puts the slow ones first. "-n 0" among the options runs all in one, as a debugger needs.
    """
    return ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"] if cores > 1 else []


def train(given: list[str]) -> int:
    names = trainable()
    if not given or given[0].startswith("-"):
        raise Stop(f"Which model? There are: {', '.join(names)}.\nFor example: python run.py train {names[0]}", 2)
    if given[0] not in names:
        raise Stop(f"No training script is called {given[0]}. There are: {', '.join(names)}.", 2)
    set_up()
    return run(["-m", "training", *given])


def trainable(folder: Path = HERE / "training") -> list[str]:
    """Names of the models that can be trained: those of the scripts that can be started."""
    scripts = (p for p in folder.glob("*.py") if '__name__ == "__main__"' in p.read_text(encoding="utf-8"))
    return sorted(p.stem.replace("_", "-") for p in scripts)


def fetch(given: list[str]) -> int:
    if not given:
        raise Stop("Which models? For example: python run.py fetch bert-base-multilingual-cased xlm-roberta-base", 2)
    set_up()
    return run(["-m", "core.store.fetch", *given])


def cluster(given: list[str]) -> int:
    """A machine of a cluster; see core/cluster/starting.py, which says what is wrong with an option."""
    set_up(cluster=True)
    return run(["-m", "core.cluster.starting", *given])


def data(given: list[str]) -> int:
    set_up()
    return run(["-m", "training.corpora", *given])


def bench(given: list[str]) -> int:
    set_up(dev=True)
    return run(["-m", "benchmarks.bench", *given])


def shots(given: list[str]) -> int:
    set_up(dev=True)
    browser = get_browser()
    if not browser:
        raise Stop("Pictures need a browser. Install Chromium or Chrome.")
    return run(["-m", "benchmarks.shots", *given], {"GAZE_CHROMIUM": browser})


def check(given: list[str]) -> int:
    """What is ready before a class, or what is open to visitors; 1 where something is not as it should be."""
    if given not in ([], ["--public"]):
        raise Stop("What is to be checked? python run.py check before a class, or python run.py check --public", 2)
    set_up()
    if not given:
        return run(["-m", "ui.server.ready"])
    return run(["-m", "core.public"], {"GAZE_HOST": os.environ.get("GAZE_HOST", "0.0.0.0")})


COMMANDS = {
    "lesson": lesson,
    "check": check,
    "cluster": cluster,
    "test": test,
    "data": data,
    "train": train,
    "fetch": fetch,
    "bench": bench,
    "shots": shots,
}


def version(root: Path = HERE) -> str:
    """The version, as pyproject.toml says it: there alone."""
    import tomllib

    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def main(given: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a folder's name may hold letters that this system's language lacks
            stream.reconfigure(errors="replace")
    if given and given[0] in ("-h", "--help", "help"):
        print(HELP)
        return 0
    if given == ["--version"]:
        print(f"Gaze {version()}")
        return 0
    try:
        if not given or given[0].startswith("-"):
            return start(given)
        if given[0] not in COMMANDS:
            raise Stop(f"{given[0]} is no command of Gaze.\n\n{HELP}", 2)
        return COMMANDS[given[0]](given[1:])
    except Stop as stop:
        print(stop, file=sys.stderr)
        return stop.code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
