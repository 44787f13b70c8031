"""Where models run and in which numbers: CUDA, else Apple's GPU, else the CPU; torch is imported when first asked."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.types import Refused

#: Numbers a model needs beside its weights while it runs, as a share of them: attention of long inputs.
ROOM = 1.3
BYTES = {"float32": 4, "bfloat16": 2}
GPU_TIMES = 16  # as much at once on a GPU as on a CPU: below that it waits for the next piece of work


@dataclass(frozen=True, slots=True)
class Device:
    """A place where models run."""

    kind: str  # cuda, mps or cpu
    place: str  # as torch names it: cuda:0
    name: str  # as people name it: NVIDIA H200

    def free_bytes(self) -> int:
        """Memory that a model may still take there."""
        if self.kind == "cuda":
            import torch

            # What torch holds for later is free, though not to other programs.
            idle = torch.cuda.memory_reserved(self.place) - torch.cuda.memory_allocated(self.place)
            return torch.cuda.mem_get_info(self.place)[0] + idle
        import psutil

        return min(psutil.virtual_memory().available, memory_bytes())

    def total_bytes(self) -> int:
        """All memory there."""
        if self.kind == "cuda":
            import torch

            return torch.cuda.mem_get_info(self.place)[1]
        return memory_bytes()

    def number_type(self, parameters: int) -> str:
        """In which numbers a model of that size runs: float32, because maps are read as numbers, while it fits.

        A GPU too small for that gets bfloat16 (about two right digits, said in the badge); Refused if even that is
        too much. A CPU is slower in bfloat16, and has memory to spare more often than not.
        """
        free = self.free_bytes()
        for number_type in ("float32", "bfloat16") if self.kind != "cpu" else ("float32",):
            if parameters * BYTES[number_type] * ROOM <= free:
                return number_type
        needed = parameters * BYTES[number_type] * ROOM
        raise Refused(
            f"This model needs {needed / 1e9:.1f} GB of memory; {self.name} has {free / 1e9:.1f} GB free. "
            "Choose a smaller model, or close what else runs."
        )


def best_device() -> Device:
    """The device to run on; the environment variable GAZE_DEVICE (cuda, cuda:1, mps, cpu) overrides the choice."""
    return _device(_FORCED.get() or os.environ.get("GAZE_DEVICE", "").strip().lower())


_FORCED: ContextVar[str] = ContextVar("forced", default="")


@contextmanager
def on_cpu() -> Iterator[None]:
    """Models that this thread opens inside the block run on the CPU."""
    token = _FORCED.set("cpu")
    try:
        yield
    finally:
        _FORCED.reset(token)


def describe() -> str:
    """One sentence for the page."""
    device = best_device()
    return f"Models run on the {'CPU' if device.kind == 'cpu' else 'GPU'} of this machine: {device.name}."


@lru_cache(maxsize=8)
def _device(wanted: str) -> Device:
    import torch

    cuda = torch.cuda.device_count() if torch.cuda.is_available() else 0
    mps = torch.backends.mps.is_available()
    kind, _, number = wanted.partition(":")
    kind = kind or ("cuda" if cuda else "mps" if mps else "cpu")
    if kind == "cuda" and (number or "0").isdecimal() and int(number or 0) < cuda:
        # Else convolutions, which cut pictures into patches, round to 10 bits.
        torch.backends.cudnn.allow_tf32 = False
        place = f"cuda:{int(number or 0)}"
        return Device("cuda", place, torch.cuda.get_device_name(place))
    if kind == "mps" and mps and not number:
        return Device("mps", "mps", f"Apple {platform.machine()}")
    if kind == "cpu" and not number:
        return Device("cpu", "cpu", f"{cpu_name()}, {os.cpu_count()} cores")
    there = [f"cuda:{i}" for i in range(cuda)] + ["mps"] * mps + ["cpu"]
    raise Refused(
        f"GAZE_DEVICE is {wanted!r}; this machine has {', '.join(there)}. Set it to one of them, or unset it."
    )


def at_once(count: int, place: str) -> int:
    """How many numbers, tokens or pictures are worked on at once at a place (cpu, cuda:0), where a CPU takes count."""
    return count if place == "cpu" else count * GPU_TIMES


def cpu_name() -> str:
    """The processor as its maker calls it, where that can be read."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine() or "CPU"


@lru_cache(maxsize=1)
def memory_bytes() -> int:
    """The memory that this process may use: the machine's, or its container's if that is less."""
    import psutil

    total = psutil.virtual_memory().total
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            said = Path(limit).read_text().strip()
        except OSError:
            continue
        if said.isdecimal():
            total = min(total, int(said))
    return total
