"""What one who follows a room hears: the stream of its events, as a browser reads it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode, urlsplit

LONGEST_LINE = 1_000_000  # bytes of one message


async def events(url: str, link: str, browser: str) -> AsyncIterator[dict[str, Any]]:
    """The messages of a room until its stream ends. RuntimeError: the room does not let this browser in."""
    host = urlsplit(url)
    reader, writer = await asyncio.open_connection(host.hostname, host.port, limit=LONGEST_LINE)
    try:
        query = urlencode({"link": link, "browser": browser})
        writer.write(f"GET /gaze/room/events?{query} HTTP/1.1\r\nHost: {host.netloc}\r\n\r\n".encode())
        status = (await reader.readline()).decode()
        if status and " 200 " not in status:
            raise RuntimeError(f"no stream: {status.strip()}")
        while line := (await reader.readline()).decode():
            if line.startswith("data: "):
                yield json.loads(line[6:])
    finally:
        writer.close()
