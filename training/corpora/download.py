"""Downloads that go on where they stopped, and are what they were before or what their publisher says they are."""

from __future__ import annotations

import datetime
import errno
import hashlib
import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.types import Refused

AGENT = "Mozilla/5.0 (compatible; gaze-corpora/1)"  # some publishers turn away whatever gives no such name
CHUNK = 1 << 18  # bytes
SECONDS = 30.0  # longest silence of a publisher
TRIES = 5  # in a row that bring nothing
SUMS = "sums.json"  # what was downloaded, in the folder of the downloads


@dataclass(frozen=True)
class Source:
    """A file that a publisher offers."""

    name: str  # under which it is kept
    url: str
    most: int  # bytes: whatever is larger is something else
    sha256: str = ""  # empty where the publisher renews the file: then the sum of the first download is kept


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sums(folder: Path) -> dict[str, dict]:
    """What was downloaded into a folder: name -> sha256, bytes, url, date."""
    try:
        return json.loads((folder / SUMS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def get(
    source: Source,
    folder: Path,
    told: Callable[[int, int], None] = lambda done, total: None,
    *,
    again: bool = False,
) -> Path:
    """The file, from the folder or from its publisher; told(bytes done, bytes in all or 0) while it comes.

    again: fetch it though it is here, if the publisher renews it. Refused says what is wrong: it cannot be reached, it
    is not what it was, there is no space. What came stays, and the next call goes on from there.
    """
    target = folder / source.name
    if target.exists() and not (again and not source.sha256):
        found = sha256(target)
        # Without a sum somebody saved it by hand; with another one it has changed on this disk since.
        if found == (source.sha256 or sums(folder).get(source.name, {}).get("sha256", found)):
            return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = complete(source, folder / f"{source.name}.part", told)
        found = sha256(part)
        if source.sha256 and found != source.sha256:
            part.unlink()
            raise Refused(
                f"{source.url} gave a file whose sum is {found}, not {source.sha256} as published: it is not used. "
                "Run the same command again; if it says this twice, the publisher has changed the file."
            )
        about = {"url": source.url, "bytes": size(part), "date": datetime.date.today().isoformat()}
        os.replace(part, target)
        said = json.dumps(sums(folder) | {source.name: {"sha256": found, **about}}, indent=1, sort_keys=True)
        (folder / SUMS).write_text(said + "\n", encoding="utf-8")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Refused(
                f"No space is left for {source.name} in {folder}. Free some, or name another folder with --data, "
                "and run the same command again: it goes on from there."
            ) from None
        raise Refused(f"{folder} cannot be written: {error.strerror}. Name another folder with --data.") from None
    return target


def complete(source: Source, part: Path, told: Callable[[int, int], None]) -> Path:
    """Fill the half file until it is whole; tries again as long as something comes."""
    left = TRIES
    while True:
        before = size(part)
        try:
            if go_on(source, part, told):
                return part
            why = "the connection ended early"
        except urllib.error.HTTPError as error:
            if error.code == 416 and before:  # what we have is no beginning of what they have now
                part.unlink()
                continue
            raise Refused(
                f"{source.url} answers {error.code} ({error.reason}). The file may have moved: look for it at its "
                f"publisher's, and save it as {part.with_suffix('')}."
            ) from None
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as error:
            why = str(getattr(error, "reason", "") or error)
        left = TRIES if size(part) > before else left - 1
        if not left:
            raise Refused(
                f"{source.url} cannot be reached: {why}. Check the network, and run the same command again: it goes on "
                f"after the {size(part) / 1e6:.1f} MB that are here."
            )


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def go_on(source: Source, part: Path, told: Callable[[int, int], None]) -> bool:
    """Ask for what is missing and add it; whether the file is whole then.

    The publisher's mark of the version is kept beside the half file: if it has changed, all is sent anew.
    """
    mark = part.with_suffix(".mark")
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"}
    have = size(part)
    if have and mark.exists():
        headers |= {"Range": f"bytes={have}-", "If-Range": mark.read_text(encoding="utf-8")}
    with urllib.request.urlopen(urllib.request.Request(source.url, headers=headers), timeout=SECONDS) as answer:
        if answer.status != 206:
            have = 0
        version = answer.headers.get("ETag", "")
        version = answer.headers.get("Last-Modified", "") if version.startswith("W/") else version
        coming = int(answer.headers.get("Content-Length") or 0)
        total = have + coming if coming else 0
        if total > source.most:
            raise Refused(
                f"{source.url} offers {total / 1e6:,.0f} MB, which is more than such a file has. It is not used."
            )
        with part.open("ab" if have else "wb") as file:
            mark.write_text(version, encoding="utf-8") if version else mark.unlink(missing_ok=True)
            while chunk := answer.read(CHUNK):
                file.write(chunk)
                have += len(chunk)
                told(have, total)
                if have > source.most:
                    raise Refused(f"{source.url} does not end after {have / 1e6:,.0f} MB. It is not used.")
        whole = have == total if total else True
    if whole:
        mark.unlink(missing_ok=True)
    return whole
