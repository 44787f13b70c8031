"""Names of models as people paste them: a hub page's address, a path in quotation marks, the path of a weights file."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

QUOTES = "\"'`“”‘’«»"
HUB = re.compile(r"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/(?P<rest>[^?#]+)(?:[?#].*)?", re.IGNORECASE)
CALL = re.compile(r"from_pretrained\(\s*[\"'](?P<name>[^\"']+)[\"']")
#: Pages of the hub whose first part is no owner.
NO_OWNER = ("docs", "datasets", "spaces", "papers", "collections", "blog")
#: What lies in a model's folder: its path means the folder.
INSIDE = (".safetensors", ".gguf", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".json", ".txt", ".model", ".spm")


def meant(text: str) -> tuple[str, str]:
    """(shelf name, hub id or path; revision or '') that a pasted text means; texts that mean nothing else stay."""
    text = text.strip().strip(QUOTES).strip()
    call = CALL.search(text)
    if call:
        return meant(call["name"])
    page = HUB.fullmatch(text)
    if page:
        return _of_page(page["rest"]) or (text, "")
    if text.lower().startswith("file:"):
        text = url2pathname(urlsplit(text).path)
    path = os.path.expanduser(text)
    if text.lower().endswith(INSIDE) and os.path.isfile(path):
        return str(Path(path).parent), ""
    return text, ""


def _of_page(rest: str) -> tuple[str, str] | None:
    """(id, revision) of what stands behind the hub's own address: owner/model/tree/revision, or model alone."""
    parts = [unquote(part) for part in rest.split("/") if part]
    if not parts or parts[0] in NO_OWNER:
        return None
    rooms = [place for place, part in enumerate(parts) if place and part in ("tree", "blob", "resolve", "raw")]
    own = parts[: rooms[0]] if rooms else parts[:2]
    revision = parts[rooms[0] + 1] if rooms and len(parts) > rooms[0] + 1 else ""
    return "/".join(own[:2]), "" if revision == "main" else revision
