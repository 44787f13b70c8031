"""What a page shows, read from its messages to the browser: sentences, and the numbers of small maps."""

import json

import numpy as np
from streamlit.testing.v1 import AppTest


def said(at: AppTest) -> str:
    """All that the page says as html."""
    return " ".join(one.proto.body for one in at.get("html"))


def unpacked(message: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """(header, arrays by name) of a message to a component: the frame a second time, from its description."""
    length = int.from_bytes(message[:4], "little")
    frame, start, found = json.loads(message[4 : 4 + length]), 4 + length, {}
    for array in frame["arrays"]:
        start += -start % 4
        kind, count = np.dtype(array["type"]).newbyteorder("<"), int(np.prod(array["shape"], dtype=int))
        found[array["name"]] = np.frombuffer(message, kind, count, start).reshape(array["shape"])
        start += count * kind.itemsize
    assert len(message) == start + -start % 4
    return frame["header"], found


def drawn(at: AppTest) -> tuple[list[str], list[np.ndarray]]:
    """Titles and numbers of the maps on a page."""
    header, arrays = unpacked(at.get("bidi_component")[0].proto.bytes)
    return [panel["title"] for panel in header["panels"]], list(arrays.values())
