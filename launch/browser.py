"""A browser for tests and pictures: one that is there, else one that can be installed. Standard library only."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from launch import Stop, venv_python

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
)


def find_browser() -> str:
    """A Chromium or Chrome that is there, or nothing."""
    given = os.environ.get("GAZE_CHROMIUM", "")
    if given:
        if not Path(given).exists():
            raise Stop(f"GAZE_CHROMIUM names {given}, which does not exist.", 2)
        return given
    for path in [shutil.which(name) for name in BROWSERS] + list(BROWSER_PLACES):
        if path and Path(path).exists() and works(path):
            return path
    return playwright_browser()


def works(path: str) -> bool:
    """Whether it runs: a distribution's command may be no more than a sentence about where to get it."""
    if os.name == "nt":  # there --version opens a window
        return True
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def playwright_browser() -> str:
    """The browser that playwright has downloaded, or nothing."""
    code = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    surroundings = {**os.environ, "PYTHONUTF8": "1"}  # the name of a folder may hold any letter
    command = [str(venv_python()), "-c", code]
    said = subprocess.run(command, env=surroundings, capture_output=True, encoding="utf-8", errors="replace")
    path = said.stdout.strip()
    return path if said.returncode == 0 and Path(path).exists() else ""


def get_browser() -> str:
    """A browser, installed if need be; nothing if that fails too."""
    found = find_browser()
    if found:
        return found
    for command in browser_installers():
        print(f"Getting a browser for the tests: {' '.join(command)}", flush=True)
        found = "" if subprocess.run(command, stdout=subprocess.DEVNULL).returncode else find_browser()
        if found:
            return found
    return ""


def browser_installers() -> list[list[str]]:
    commands = []
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        packages = ["chromium", "fonts-noto-core", "fonts-noto-cjk"]
        script = "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "
        commands.append(["sh", "-c", script + " ".join(packages)])
    commands.append([str(venv_python()), "-m", "playwright", "install", "chromium"])
    return commands
