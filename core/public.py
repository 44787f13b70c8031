"""Who can visit this server, and what is closed to them: a network gets less than the people at this machine."""

from __future__ import annotations

import os
import sys

LOOPBACK = ("127.0.0.1", "localhost", "::1", "")
UPLOAD = 10_000_000  # bytes of a file, where others than the people at this machine can bring one


def said(name: str) -> bool | None:
    """What an environment variable decides; None where it says nothing."""
    word = os.environ.get(name, "").strip().lower()
    return word in ("1", "true", "yes", "on") if word else None


def is_public() -> bool:
    """Whether others than the people at this machine can visit: GAZE_PUBLIC=1 or 0, else any but a loopback address."""
    decided = said("GAZE_PUBLIC")
    return os.environ.get("GAZE_HOST", "127.0.0.1") not in LOOPBACK if decided is None else decided


def anything_allowed() -> bool:
    """Whether names beyond the shelf may be opened: GAZE_ALLOW_ANY=1 or 0, else only where it is not public."""
    decided = said("GAZE_ALLOW_ANY")
    return not is_public() if decided is None else decided


def uploaded(most: int) -> int:
    """Bytes that a file may have which a visitor brings, where it may have `most` on one's own machine."""
    return min(most, UPLOAD) if is_public() else most


def halved(most: int) -> int:
    """A limit, or half of it where others can visit."""
    return most // 2 if is_public() else most


def openings() -> list[tuple[str, bool, str]]:
    """(what visitors may do, whether they may, what decides it) in this process's surroundings."""
    home, any_model = not is_public(), anything_allowed()
    return [
        ("open other models than the shelf's, and folders of this machine", any_model, "GAZE_ALLOW_ANY=0"),
        (f"bring files of more than {UPLOAD // 1_000_000} MB", home, "GAZE_PUBLIC=1"),
        ("ask texts as long as on one's own machine, and wait in a line as long", home, "GAZE_PUBLIC=1"),
        ("have models of the shelf downloaded", os.environ.get("HF_HUB_OFFLINE", "") != "1", "HF_HUB_OFFLINE=1"),
        ("train small models, some at once", True, "GAZE_TRAININGS says how many at once"),
        ("read /metrics and /healthz", True, "your proxy, which need not pass them on"),
    ]


def main() -> int:
    """Says what is open; 1 where more is than is left open by itself."""
    said = "" if is_public() else " (nobody but the people at this machine)"
    lines = [f"Visitors of {os.environ.get('GAZE_HOST', '127.0.0.1')}{said} may:"]
    lines += [f"  {'yes' if may else 'no ':3}  {what}" + f"  ({how})" * may for what, may, how in openings()]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(anything_allowed() or not is_public())


if __name__ == "__main__":
    sys.exit(main())
