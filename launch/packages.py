"""Installs packages: by uv where it can be had, else by pip, both with the same sources. Standard library only."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from launch import Stop, last_lines
from launch.process import lines_of

UV = "uv==0.13.9"  # three times as fast as pip
#: Builds of torch for machines without an NVIDIA card: 0.2 GB instead of 3.
CPU_TORCH = "https://download.pytorch.org/whl/cpu"


@dataclass(frozen=True)
class Sources:
    """What pip is told on this machine, by file or environment: uv reads none of it."""

    said: dict[str, str] = field(default_factory=dict)

    def all(self, name: str) -> list[str]:
        return self.said.get(name, "").split()

    def for_uv(self) -> list[str]:
        """The same as options of uv."""
        options = ["--no-index"] if self.said.get("no-index", "").lower() in ("1", "true", "yes", "on") else []
        for name, option in (
            ("index-url", "--default-index"),
            ("extra-index-url", "--extra-index-url"),
            ("find-links", "--find-links"),
            ("constraint", "--constraints"),
            ("trusted-host", "--allow-insecure-host"),
        ):
            options += [part for one in self.all(name) for part in (option, one)]
        return options

    def surroundings(self) -> dict[str, str]:
        """The same as variables of uv's environment."""
        return {"SSL_CERT_FILE": self.said["cert"]} if self.said.get("cert") else {"UV_SYSTEM_CERTS": "1"}


def sources(python: Path) -> Sources:
    listed = subprocess.run(
        [python, "-m", "pip", "config", "list"],
        capture_output=True,
        env={**os.environ, "PYTHONUTF8": "1"},
        encoding="utf-8",
        errors="replace",
    )
    return Sources(settings(listed.stdout))


def settings(listed: str) -> dict[str, str]:
    """Settings by name from what "pip config list" prints; the environment wins over the command's part of a file."""
    ranks = ("global", "install", ":env:")
    found: dict[str, tuple[int, str]] = {}
    for line in listed.splitlines():
        key, mark, value = line.partition("=")
        part, _, name = key.rpartition(".")
        if mark and part in ranks:
            found[name] = max(found.get(name, (-1, "")), (ranks.index(part), str(ast.literal_eval(value))))
    return {name: value for name, (_, value) in found.items()}


def install(python: Path, requirements: Path, lock: int) -> None:
    """Install a file of requirements into the environment of a Python. lock: the open file that others wait for."""
    known = sources(python)
    torch = torch_options(python, requirements)
    ways = [pip_command(python)]
    if (uv := get_uv(python, lock)) is not None:
        ways.insert(0, [*uv_command(uv, python), *known.for_uv()])
    while True:
        code, said = lines_of([*ways[0], "-r", str(requirements), *torch], lock, tell, known.surroundings())
        if not code:
            return
        if torch and lacks_torch(said):
            print("  The small build of torch cannot be had from here: the ordinary one comes, about 3 GB.", flush=True)
            torch = []
        elif len(ways) > 1:
            print("  uv could not do it, pip tries. uv said:\n" + last_lines(said, 3), flush=True)
            ways.pop(0)
        else:
            raise Stop(
                f"Installing failed:\n{last_lines(said)}\n"
                "Check the network and the space on the disk, then run the same command again: "
                "what was downloaded is kept."
            )


def get_uv(python: Path, lock: int) -> Path | None:
    """uv, installed into the environment if need be; None where it cannot be had."""
    code, _ = lines_of([*pip_command(python), "--only-binary", ":all:", UV], lock)
    path = python.with_name("uv" + python.suffix)
    return path if not code and path.exists() else None


def pip_command(python: Path) -> list[str]:
    return [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-compile"]


def uv_command(uv: Path, python: Path) -> list[str]:
    # As pip chooses: the best of all sources, not the first that knows the name. Old archives are never built.
    choice = ["--index-strategy", "unsafe-best-match", "--only-binary", ":all:"]
    return [str(uv), "pip", "install", "--python", str(python), *choice]


def tell(line: str) -> None:
    said = progress_of(line)
    if said:
        print("  " + said, flush=True)


def progress_of(line: str) -> str:
    """What of the many lines a user wants to see: what is downloaded, and that it is being installed."""
    line = line.strip()
    if line.startswith("Downloading ") and line.endswith((" MB)", "MiB)", "GiB)")):
        name = line.split()[1].rsplit("/", 1)[-1]
        name = name.split("-")[0] if "." in name else name  # pip names the file, uv the package
        return f"downloading {name} {line[line.rindex('(') :]}"
    if line.startswith(("Installing collected packages", "Prepared ")):
        return "installing ..."
    return ""


# --- which build of torch ---------------------------------------------------------------------------------------------


def torch_options(python: Path, requirements: Path) -> list[str]:
    """Options that decide which build of torch comes, the same for pip and uv.

    On Linux without an NVIDIA card the small one, from wherever it can be had; with a card never the small one.
    Elsewhere there is one build. GAZE_TORCH_INDEX names a source of another.
    """
    own = os.environ.get("GAZE_TORCH_INDEX", "")
    if own:
        return ["--extra-index-url", own]
    if not sys.platform.startswith("linux"):
        return []
    sign, more = "==", []
    if has_nvidia():
        sign = "!="
    elif reachable(CPU_TORCH + "/torch/"):
        more = ["--extra-index-url", CPU_TORCH]
    file = python.parent.parent / "gaze-torch.txt"
    file.write_text(f"torch{sign}{torch_version(requirements)}+cpu\n", encoding="utf-8")
    return ["--constraint", str(file), *more]


def torch_version(requirements: Path) -> str:
    """The version in requirements.txt, which lies beside every other file of requirements."""
    lines = requirements.with_name("requirements.txt").read_text(encoding="utf-8").splitlines()
    return next(line.split()[0].removeprefix("torch==") for line in lines if line.startswith("torch=="))


def lacks_torch(said: str) -> bool:
    """Whether an installer failed because nobody offers the build that was asked for."""
    none = ("No matching distribution found", "ResolutionImpossible", "No solution found", "has no wheels")
    return "torch" in said and "+cpu" in said and any(words in said for words in none)


def has_nvidia() -> bool:
    return shutil.which("nvidia-smi") is not None or Path("/proc/driver/nvidia/version").exists()


def reachable(url: str, seconds: float = 3.0) -> bool:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=seconds):
            return True
    except (OSError, ValueError):
        return False
