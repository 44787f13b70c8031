"""What a page shows, read from its messages to the browser: sentences, and the numbers of small maps."""

import json
import struct

import numpy as np
from streamlit.testing.v1 import AppTest


def said(at: AppTest) -> str:
    """All that the page says as html."""
    return " ".join(one.proto.body for one in at.get("html"))


def unpacked(message: bytes) -> tuple[dict, list[bytes]]:
    """(header, bytes of each panel) of a message of core.figures.panels."""
    (length,) = struct.unpack("<I", message[:4])
    header, numbers = json.loads(message[4 : 4 + length]), message[4 + length :]
    return header, [numbers[p["offset"] : p["offset"] + p["bytes"]] for p in header["panels"]]


def drawn(at: AppTest) -> tuple[list[str], list[np.ndarray]]:
    """Titles and numbers of the maps on a page."""
    header, parts = unpacked(at.get("bidi_component")[0].proto.bytes)
    values = [np.frombuffer(p, "<f4").reshape(h["shape"]) for p, h in zip(parts, header["panels"], strict=True)]
    return [panel["title"] for panel in header["panels"]], values
