"""Trainers that learn nothing, for tests of the process they run in."""

import os

from core.types import Refused


def count(settings, running):
    """Numbers up to settings, as long as it may; its own process number last."""
    for number in range(settings):
        if not running():
            yield "last"
            return
        yield number
    yield os.getpid()


def endless(settings, running):
    """The number of its process, then nothing until it is told to stop, which it tells."""
    yield os.getpid()
    while running():
        pass
    yield "last"


def deaf(settings, running):
    """The number of its process; it never asks whether to go on."""
    yield os.getpid()
    while True:
        pass


def noisy(settings, running):
    """Writes where the messages travel."""
    print("not a message", flush=True)
    yield "heard"


def refused(settings, running):
    yield 1
    raise Refused("This text is too short.")


def broken(settings, running):
    yield 1
    raise KeyError("ours")


def hungry(settings, running):
    """Takes so many bytes, and asks whether to go on."""
    held = bytearray(settings)
    held[::4096] = b"1" * len(held[::4096])
    running()
    yield len(held)


def shouting(settings, running):
    """More values than anybody keeps."""
    yield from range(settings)
