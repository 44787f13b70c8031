"""Who visits: walkers from page to page, who bring files, who vanish, who ask routes, and who make messages up."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from io import BytesIO
from urllib.parse import urlencode

import numpy as np
from PIL import Image

from benchmarks.shots import pages
from benchmarks.soak.town import GONE, Town, sentence
from benchmarks.tab import Seen, Tab

PAUSE = (1.0, 4.0)  # seconds between two questions of a walker
VISITS = 12  # of one tab, until it is closed
VANISHING = 0.1  # share of questions whose asker is gone before the answer
FIELDS = ("text", "sentence", "source")  # what pages call the sentence in their address
ROUTES = ("head", "pdf", "patches", "relevance", "room/find", "room/vote", "room/change", "lesson/read", "lesson/truth")
MODELS = ("mini-gpt", "mini-bert-wordpiece", "translator")


def of_page(seen: Seen) -> tuple[str, str]:
    """(outcome, word) of a page that was drawn."""
    if seen.failed:
        return "failed", seen.failed
    return ("refused", seen.advice) if seen.advice else ("answered", "")


async def while_open(town: Town, turn: Callable[[], Awaitable[None]], chance: random.Random) -> None:
    """Do something again and again, with pauses, until the end."""
    while not town.ending:
        await turn()
        await asyncio.sleep(chance.uniform(*PAUSE))


async def walker(town: Town, number: int) -> None:
    """Walks over all pages with sentences of their own; now and then a tab is closed, or is gone in the midst of it."""
    chance, names = random.Random(number), pages()
    tab, left = Tab(town.url), VISITS

    async def turn() -> None:
        nonlocal tab, left
        page, text = chance.choice(names), sentence(chance)
        query = urlencode(dict.fromkeys(FIELDS, text))
        if chance.random() < VANISHING:
            await vanish(town, tab, page, query, chance.uniform(0, 0.5))
        else:
            await town.ask("page", lambda: shown(tab, page, query))
        left -= 1
        if not left:
            await closed(tab)
            tab, left = Tab(town.url), VISITS

    await while_open(town, turn, chance)
    await closed(tab)


async def shown(tab: Tab, page: str, query: str) -> tuple[str, str]:
    outcome, word = of_page(await tab.go(page, query))
    return outcome, f"{page}: {word}"


async def closed(tab: Tab) -> None:
    with suppress(*GONE):  # it was gone already
        await tab.close()


async def vanish(town: Town, tab: Tab, page: str, query: str, seconds: float) -> None:
    """Ask, and be gone before the answer comes: nobody waits, so nothing is owed."""

    async def question() -> tuple[str, str]:
        await tab.ask_and_vanish(page, query, seconds)
        return "left", ""

    await town.ask("page", question)
    town.caused["client gone"] = town.caused.get("client gone", 0) + 1


async def owner(town: Town, number: int) -> None:
    """Looks at a model of their own, which is deleted and trained anew meanwhile."""
    chance, tab = random.Random(number), Tab(town.url)

    async def turn() -> None:
        query = urlencode({"model": str(town.own), "text": sentence(chance)})
        await town.ask("page of one's own model", lambda: shown(tab, "attention", query))

    await while_open(town, turn, chance)
    await closed(tab)


async def bringer(town: Town, number: int) -> None:
    """Brings pictures to CLIP and tables to Transfer, each another one."""
    chance = random.Random(number)

    async def turn() -> None:
        page, name, content = chance.choice((("clip", "p.png", picture(chance)), ("transfer", "t.csv", table(chance))))
        tab = Tab(town.url)

        async def question() -> tuple[str, str]:
            box = next(iter((await tab.go(page, "")).boxes.values()), None)
            if box is None:
                return "failed", f"{page} has no box for files"
            status, seen = await tab.bring(box, name, content)
            return of_page(seen) if status < 300 else ("failed", f"{status} of an upload to {page}")

        await town.ask("file that is brought", question)
        await closed(tab)

    await while_open(town, turn, chance)


def picture(chance: random.Random) -> bytes:
    """A small picture of noise, as PNG."""
    out = BytesIO()
    pixels = np.frombuffer(chance.randbytes(96 * 96 * 3), np.uint8).reshape(96, 96, 3)
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def table(chance: random.Random) -> bytes:
    """Sentences of two languages with a label each, as the page Transfer wants them."""
    rows = [f"{language},{sentence(chance)},{label}" for language in ("en", "de") for label in "abab" for _ in range(4)]
    return "\n".join(["language,text,label", *rows]).encode()


async def asker(town: Town, number: int) -> None:
    """Asks for exact heads, as the pages' scripts do."""
    chance = random.Random(number)

    async def turn() -> None:
        model = chance.choice(MODELS[:2])
        kind = "decoder" if model == "mini-gpt" else "encoder"
        body = {"request": {"model": model, "text": sentence(chance)}, "kind": kind, "layer": 0, "head": "mean"}
        await town.post("exact head", "/gaze/head", json.dumps(body).encode())

    await while_open(town, turn, chance)


async def stranger(town: Town, number: int) -> None:
    """Sends what somebody made up to every route: bytes, JSON of any form, and messages that are almost right."""
    chance = random.Random(number)

    async def turn() -> None:
        path = f"/gaze/{chance.choice(ROUTES)}"
        await town.post("made-up message", path, made_up(chance))

    with town.fault("made-up message", "made-up message"):
        await while_open(town, turn, chance)


def made_up(chance: random.Random) -> bytes:
    """A body that no page sends."""
    form = chance.randrange(4)
    if form == 0:
        return chance.randbytes(chance.randint(0, 400))
    if form == 1:
        return json.dumps(nonsense(chance, 3)).encode()
    names = ("request", "kind", "layer", "head", "link", "secret", "code", "lesson", "step", "items", "width", "what")
    body = {name: nonsense(chance, 2) for name in chance.sample(names, 5)}
    if form == 3:
        body["request"] = {"model": chance.choice(MODELS), "text": sentence(chance), "image": nonsense(chance, 1)}
    return json.dumps(body).encode()


def nonsense(chance: random.Random, depth: int) -> object:
    """Any value of JSON."""
    plain = (None, True, -1, 10**30, 0.5, "", "../..", "\x00", "mini-gpt", "<script>", "decoder", [], {})
    if not depth or chance.random() < 0.5:
        return chance.choice(plain)
    some = [nonsense(chance, depth - 1) for _ in range(chance.randint(0, 4))]
    return some if chance.random() < 0.5 else {str(i): one for i, one in enumerate(some)}
