"""What is said before a class: what is well and what is not, and the figure of followers by their own clock."""

import asyncio
import contextlib

import pytest

from tests.apptest import alone
from ui.server import ready


def test_a_machine_that_is_short_of_memory_or_disk_is_told_so(monkeypatch):
    monkeypatch.setattr(ready, "MEMORY", 0)
    monkeypatch.setattr(ready, "DISK", 0)
    assert all(good for good, _ in ready.machine())
    monkeypatch.setattr(ready, "MEMORY", 1e18)
    monkeypatch.setattr(ready, "DISK", 1e18)
    said = list(ready.machine())
    assert [good for good, _ in said] == [True, False, False] and "close other programs" in said[1][1]


def test_a_machine_without_a_network_and_a_port_that_is_taken(monkeypatch):
    monkeypatch.setattr(ready.ports, "room_address", lambda *_: "")
    monkeypatch.setattr(ready.ports, "free", lambda *_: False)
    assert [good for good, _ in ready.addresses()] == [False, False]
    monkeypatch.setattr(ready.ports, "room_address", lambda *_: "http://10.0.0.5:8501/")
    assert "http://10.0.0.5:8501/" in list(ready.addresses())[1][1]


def test_one_that_is_not_well_is_the_exit_code(monkeypatch, capsys):
    parts = {"models": [(True, "a")], "machine": [(True, "b")], "addresses": [(True, "c")], "room": [(True, "d")]}
    for name, lines in parts.items():
        monkeypatch.setattr(ready, name, lambda lines=lines: iter(lines))
    assert ready.main() == 0 and capsys.readouterr().out == "ok   a\nok   b\nok   c\nok   d\n"
    monkeypatch.setattr(ready, "room", lambda: iter([(False, "slow")]))
    assert ready.main() == 1 and "NO   slow" in capsys.readouterr().out


@contextlib.asynccontextmanager
async def serving(deaf):
    """The routes of rooms alone, on a port of their own; deaf: followers are told nothing after the first state."""
    import uvicorn
    from starlette.applications import Starlette

    from ui.server import room_routes
    from ui.server.rooms import Rooms

    rooms = Rooms(":memory:")
    before, room_routes.rooms = room_routes.rooms, lambda: rooms
    if deaf:
        rooms._set = lambda room, new: room
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=room_routes.ROOM_ROUTES), port=0, log_level="error"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.force_exit = server.should_exit = True
        await task
        room_routes.rooms = before


def followed(deaf):
    async def go():
        async with serving(deaf) as url:
            return await ready.followed(url, 3, 2, 0.05)

    return alone(go())


def test_every_follower_is_measured_at_every_move():
    seconds = followed(deaf=False)
    assert len(seconds) == 3 * 2 and all(one > 0 for one in seconds)


def test_followers_who_hear_nothing_are_not_called_fast():
    with pytest.raises(RuntimeError, match="heard of no move"):
        followed(deaf=True)
