"""Starts a machine of a cluster: the first one, with Ray's head and our application, or one more that joins it.

python -m core.cluster.starting --help. Everything that it starts ends with it.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

from core.cluster.secret import NAME, ray_token, secret
from core.data.kept_cards import folder
from core.types import Refused

ROOT = Path(__file__).resolve().parents[2]
PORT, RAY_PORT = 8700, 6380
DRAIN, END = 8, 14.0  # seconds that a machine which leaves has for the questions that it answers, and until it is gone
STORE = 500_000_000  # bytes of Ray's own memory for what travels between processes
WAITING = 200  # questions that may wait for a replica
WAYS = ("embed", "head-cards")  # of corpora.py, which has options of its own
NO_RAY = "Ray is not installed here. Start with: python run.py cluster, which installs it."


def options() -> argparse.ArgumentParser:
    """What can be said."""
    made = argparse.ArgumentParser(prog="run.py cluster", description="Answer the questions of many Gaze servers.")
    made.epilog = "Long work by all its machines: run.py cluster embed --help, run.py cluster head-cards --help"
    made.add_argument(
        "--replicas", default="2", help="processes that answer: 4, or 1-8 as they are needed (default: 2)"
    )
    made.add_argument("--gpus", type=float, help="share of a GPU for each: 0.5 (default: all GPUs, shared evenly)")
    made.add_argument("--port", type=int, default=PORT, help=f"where servers ask (default: {PORT})")
    made.add_argument("--host", default="127.0.0.1", help="this machine's address for the others (default: 127.0.0.1)")
    made.add_argument("--waiting", type=int, default=WAITING, help=f"questions that may wait (default: {WAITING})")
    made.add_argument("--join", metavar="ADDRESS", help="be one more machine of the cluster with this first machine")
    made.add_argument("--ray-port", type=int, default=RAY_PORT, help=f"of the first machine (default: {RAY_PORT})")
    made.add_argument("--cpus", type=int, help="processors for replicas, one each (default: all of this machine)")
    made.add_argument("--answers", default="core.engine:ask", help=argparse.SUPPRESS)  # tests have others answer
    return made


def replicas_in(said: str) -> tuple[int, int]:
    """(fewest, most) replicas. Refused: that is no number of them."""
    first, _, last = said.partition("-")
    try:
        found = int(first), int(last or first)
    except ValueError:
        found = (0, 0)
    if not 1 <= found[0] <= found[1] <= 1_000:
        raise Refused(f"{said} is no number of replicas. Write 4, or 1-8 for as many as are needed.")
    return found


def surroundings(host: str) -> dict[str, str]:
    """What Ray's processes, and ours in them, find in their environment."""
    key = secret(make=True)
    closed = {} if ipaddress.ip_address(host).is_loopback else {"GAZE_PUBLIC": "1"}
    return closed | os.environ | {
        "GAZE_CLUSTER_SECRET": key.decode(),
        "GAZE_CLUSTER": "",  # a replica asks nobody else
        "GAZE_ALLOW_ANY": "1",  # which models may be opened is decided where somebody asks
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": ray_token(key),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S": str(DRAIN),
        "RAY_SERVE_LOG_TO_STDERR": "0",
    }  # fmt: skip


def for_ray(host: str) -> str:
    """The address by which Ray's processes find each other: it takes 127.0.0.1 for another one, and goes outside."""
    return "127.0.0.2" if host in ("127.0.0.1", "localhost") and sys.platform == "linux" else host


def node_command(chosen: argparse.Namespace, place: str) -> list[str]:
    """Ray's command that makes this machine a part of the cluster, and ends with it."""
    command = [sys.executable, "-m", "core.cluster.node", "start", "--block", "--disable-usage-stats"]
    command += ["--node-ip-address", for_ray(chosen.host), "--object-store-memory", str(STORE), "--temp-dir", place]
    command += ["--include-log-monitor", "false"]
    command += [] if chosen.cpus is None else ["--num-cpus", str(chosen.cpus)]
    if chosen.join:
        host, _, port = chosen.join.partition(":")
        return [*command, "--address", f"{for_ray(host)}:{port or RAY_PORT}"]
    return [*command, "--head", "--port", str(chosen.ray_port), "--include-dashboard", "false"]


class Node:
    """Ray's processes on this machine, which end with it."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        # Ray's sockets lie in it, and the names of sockets are short: 107 bytes.
        self.place = tempfile.mkdtemp(prefix="gaze", dir="/tmp" if os.name == "posix" else None)  # noqa: S108  # ours alone
        self._log = Path(self.place) / "start.log"
        with self._log.open("wb") as log:
            command = node_command(chosen, str(Path(self.place) / "r"))
            quiet: dict[str, Any] = {"stdout": log, "stderr": log, "stdin": subprocess.DEVNULL}
            self.process = subprocess.Popen(command, env=os.environ.copy(), start_new_session=True, **quiet)

    def said(self) -> str:
        """The end of what Ray said."""
        return "\n".join(self._log.read_text(errors="replace").strip().splitlines()[-8:])

    def end(self) -> None:
        """End it, and all that it began."""
        family = []
        with suppress(psutil.NoSuchProcess):
            family = psutil.Process(self.process.pid).children(recursive=True)
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(END)
        for one in family:  # a process that is gone is no error, and its number is not taken for another's
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.place, ignore_errors=True)


def tell(chosen: argparse.Namespace) -> None:
    """What to do next, for who started it."""
    lines = [
        f"The cluster answers at http://{chosen.host}:{chosen.port}",
        f"A server asks it:     GAZE_CLUSTER={chosen.host}:{chosen.port} python run.py",
        f"One more machine:     python run.py cluster --join {chosen.host}:{chosen.ray_port} --host ITS-ADDRESS",
        f"Other machines need:  GAZE_CLUSTER_SECRET, as {folder() / NAME} holds it",
        "Press Ctrl-C here to stop it.",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def deployed(given: list[str], node: Node, ended: threading.Event) -> bool:
    """Start our application in the cluster, in a process of its own: Ray ends whoever asked it when its head is lost.

    False: a signal came meanwhile. Refused: it did not start.
    """
    command = [sys.executable, "-m", "core.cluster.deploying", *given]
    quiet: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
    with subprocess.Popen(command, **quiet) as child:
        while child.poll() is None and not ended.wait(0.1):
            if node.process.poll() is not None:
                child.kill()
                raise Refused(f"Ray did not start. It said:\n{node.said()}")
        if ended.is_set():
            child.kill()
            return False
        if child.returncode:
            said = child.stdout.read().strip() if child.stdout else ""
            raise Refused("The application did not start:\n" + "\n".join(said.splitlines()[-8:]))
    return True


def main(given: list[str] | None = None) -> int:
    """Starts, tells, and waits for a signal or for Ray's end; 1 where it ended by itself."""
    given = sys.argv[1:] if given is None else given
    if find_spec("ray") is None:
        sys.stderr.write(NO_RAY + "\n")
        return 1
    if given and given[0] in WAYS:
        from core.cluster import corpora

        return corpora.main(given)
    chosen = options().parse_args(given)
    ended = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        ended.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
    node = None
    try:
        replicas_in(chosen.replicas)
        try:
            os.environ.update(surroundings(chosen.host))
        except ValueError:
            raise Refused(f"{chosen.host} is no address of this machine: write its number, as 10.0.0.5.") from None
        node = Node(chosen)
        if not chosen.join and deployed(given, node, ended):
            tell(chosen)
        while not ended.wait(0.5):
            if node.process.poll() is not None:
                raise Refused(f"Ray ended by itself. It said:\n{node.said()}")
        return 0
    except Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    finally:
        if node is not None:
            node.end()


if __name__ == "__main__":
    sys.exit(main())
