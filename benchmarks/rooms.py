"""A room of 300: seconds from the lecturer's move until every follower has been told, over real connections."""

from __future__ import annotations

import asyncio
import statistics

from benchmarks.report import Row
from ui.server.ready import followed

FOLLOWERS = 300
MOVES = 40
PAUSE = 0.25  # seconds between two moves
STAY = 0.3  # seconds, the bar of a move within a page


def measure(url: str) -> list[Row]:
    """url: of a server that runs. Followers are streams, not browsers: what a browser draws is told elsewhere."""
    seconds = asyncio.run(followed(url, FOLLOWERS, MOVES, PAUSE))
    p50, p95 = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
    note = f"{FOLLOWERS} streams, {MOVES} moves; half of them within {p50:.3f} s"
    return [Row(f"a move reaches {FOLLOWERS} followers, p95", "s", p95, STAY, note=note)]
