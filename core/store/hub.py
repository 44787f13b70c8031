"""Checkpoints on the Hugging Face hub: found in the local cache, or downloaded with progress and a way to stop."""

from __future__ import annotations

import errno
import os
import re
import shutil
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.cache import Cancelled, Progress
from core.store.checkpoint import INDEX, WEIGHTS, has_vocabulary, lacks
from core.types import Refused, Stopped

PROBE_SECONDS = 1.5  # for the one question whether the hub is there
API_SECONDS = 10.0
CHUNK = 1_000_000  # bytes between two looks at whether to stop
RATE_SECONDS = 3.0  # over which the speed is averaged
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?", re.ASCII)
#: What of a repository is needed; what lies in folders (other formats) and pickles never are.
WANTED = re.compile(
    r"config\.json|generation_config\.json|preprocessor_config\.json|processor_config\.json"
    r"|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|added_tokens\.json"
    r"|vocab\.(json|txt)|merges\.txt|[\w.-]+\.(model|spm)",
    re.ASCII,
)
SHARD = re.compile(r"model-\d+-of-\d+\.safetensors", re.ASCII)
#: What the system says of a disk or a folder, where a connection is not to blame.
UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EIO)
#: The hub's own robot: it offers converted weights as a pull request where the owner has published pickles only.
CONVERTER = "SFconvertbot"


class Unreachable(Exception):
    """The hub does not answer, must not be asked, or something else answers in its place; the text says which."""


def is_id(name: str) -> bool:
    """Whether a name can be a hub id at all: nothing else is ever looked up or made a path of."""
    return bool(ID.fullmatch(name)) and ".." not in name and "--" not in name and not name.endswith((".", "-", ".git"))


def _library() -> Any:
    """huggingface_hub, set so that a download can be followed and stopped."""
    import huggingface_hub
    from huggingface_hub import constants

    # Its other way of downloading runs in threads that cannot be stopped from here, and tells of 10 MB at a time.
    constants.HF_HUB_DISABLE_XET = True
    constants.DOWNLOAD_CHUNK_SIZE = CHUNK
    return huggingface_hub


# --- the local cache --------------------------------------------------------------------------------------------------


def cached_folder(name: str, revision: str = "") -> Path | None:
    """The newest whole snapshot of a model in the local cache: of the revision if it is there, else any."""
    from huggingface_hub import constants

    home = Path(constants.HF_HUB_CACHE) / f"models--{name.replace('/', '--')}"
    if not home.is_dir():
        return None
    places = []
    with suppress(OSError):
        places.append(home / "snapshots" / (home / "refs" / (revision or "main")).read_text().strip())
    with suppress(OSError):
        others = [folder for folder in (home / "snapshots").iterdir() if folder.is_dir()]
        places += sorted(others, key=lambda folder: folder.stat().st_mtime, reverse=True)
    return next((folder for folder in places if is_whole(folder)), None)


def is_whole(folder: Path) -> bool:
    """Whether a snapshot can be loaded: configuration, all weights, and what reads text or pictures."""
    try:
        readers = has_vocabulary(folder) or (folder / "preprocessor_config.json").exists()
        return readers and not lacks(folder)
    except Refused:
        return False


# --- downloading ------------------------------------------------------------------------------------------------------


def reachable() -> bool:
    """Whether the hub answers within PROBE_SECONDS; asks once."""
    library = _library()
    if library.constants.is_offline_mode():
        return False
    answered = threading.Event()

    def ask() -> None:
        with suppress(Exception):
            library.get_session().head(library.constants.ENDPOINT, timeout=PROBE_SECONDS)
            answered.set()
        finished.set()

    # In a thread, because looking up a name has no time limit of its own.
    finished = threading.Event()
    threading.Thread(target=ask, daemon=True).start()
    finished.wait(PROBE_SECONDS)
    return answered.is_set()


def fetch(name: str, revision: str = "", progress: Progress | None = None, cancelled: Cancelled | None = None) -> Path:
    """Download a model's files into the local cache; gives their folder.

    Weights come last, so that a download that was stopped never looks whole. Unreachable: no network. Stopped:
    cancelled() said so. Refused: no such model, no right to it, no safe weights, no room.
    """
    if not is_id(name):
        raise Refused(f"{name!r} is no model id. Ids look like bert-base-uncased or openai/clip-vit-base-patch32.")
    if not reachable():
        raise Unreachable("cannot be reached")
    library = _library()
    count = _Count(progress, cancelled)
    commit, sizes = listing(name, revision)
    check_room(name, sizes)
    count.total = sum(sizes.values())
    try:
        for file in sorted(sizes, key=lambda file: sizes[file]):
            count.look()
            before = count.done
            if not isinstance(library.try_to_load_from_cache(name, file, revision=commit), str):
                library.hf_hub_download(name, file, revision=commit, tqdm_class=count.bar(), etag_timeout=API_SECONDS)
            count.add(before + sizes[file] - count.done)  # what lay in the cache already
        folder = Path(library.try_to_load_from_cache(name, "config.json", revision=commit)).parent
        with suppress(Exception):  # notes in the cache which commit the branch is at, for other programs
            library.HfApi().resolve_revision(name, revision=revision or "main")
    except (library.errors.HTTPError, OSError) as error:
        if isinstance(error, OSError) and error.errno in UNWRITABLE:
            raise Refused(
                f"{name} cannot be written to this machine's disk: {os.strerror(error.errno)}. Free some room, or set "
                "HF_HOME to a folder that can be written."
            ) from error
        raise Refused(
            f"The download of {name} broke off after {count.done / 1e6:,.0f} of {count.total / 1e6:,.0f} MB "
            f"({first_line(error)}). Choose it again: the files that are whole are kept."
        ) from error
    if not is_whole(folder):
        raise Refused(f"{name} holds no model that Gaze can read: {lacks(folder) or 'a tokenizer'} is missing.")
    return folder


def listing(name: str, revision: str) -> tuple[str, dict[str, int]]:
    """(commit, bytes by file) of what is needed of a model, with safe weights wherever they lie."""
    library = _library()
    api, errors = library.HfApi(), library.errors
    try:
        info = api.model_info(name, revision=revision or None, files_metadata=True, timeout=API_SECONDS)
        sizes = needed(info)
        if not any(is_weights(file) for file in sizes):
            branch = converted(name)
            if branch:
                info = api.model_info(name, revision=branch, files_metadata=True, timeout=API_SECONDS)
                sizes = needed(info)
    except errors.GatedRepoError as error:
        raise Refused(
            f"{name} is given only to those who accept its terms. Accept them on its page on the hub, "
            "log in with: hf auth login, and choose it again."
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise NoSuchModel(f"The hub has no model {name}, or it is private.") from error
    except errors.RevisionNotFoundError as error:
        raise Refused(f"{name} has no revision {revision}.") from error
    except (errors.HTTPError, OSError, ValueError, KeyError, TypeError) as error:  # down, or a proxy answers
        raise Unreachable(f"gives no proper answer ({first_line(error)})") from error
    if "config.json" not in sizes:
        raise Refused(f"{name} is no transformers model: it has no config.json.")
    if not any(is_weights(file) for file in sizes):
        raise Refused(
            f"{name} has no weights as safetensors, only in forms that can run any program when opened. "
            "Choose another model, or convert it where you trust it."
        )
    return info.sha, sizes


class NoSuchModel(Refused):
    """The hub knows no model of that name."""


def needed(info: Any) -> dict[str, int]:
    """Bytes by file of those that Gaze reads."""
    files = {one.rfilename: one.size or 0 for one in info.siblings or ()}
    weights = [WEIGHTS] if WEIGHTS in files else [file for file in files if file == INDEX or SHARD.fullmatch(file)]
    return {file: size for file, size in files.items() if file in weights or WANTED.fullmatch(file)}


def is_weights(file: str) -> bool:
    return file == WEIGHTS or bool(SHARD.fullmatch(file))


def converted(name: str) -> str:
    """The branch on which the hub's own robot offers the weights as safetensors; empty if there is none."""
    offers = _library().HfApi().get_repo_discussions(name, author=CONVERTER, discussion_type="pull_request")
    open_ones = [offer for offer in offers if offer.author == CONVERTER and offer.status == "open"]
    return open_ones[0].git_reference or "" if open_ones else ""


def check_room(name: str, sizes: dict[str, int]) -> None:
    """Refused when memory or disk cannot hold the model, before hours are spent on downloading it."""
    from core.device import memory_bytes

    weights = sum(size for file, size in sizes.items() if is_weights(file))
    if weights > memory_bytes():
        raise Refused(
            f"{name} needs {weights / 1e9:.1f} GB of memory for its weights alone; "
            f"this machine has {memory_bytes() / 1e9:.1f} GB. Choose a smaller one."
        )
    cache = Path(_library().constants.HF_HUB_CACHE)
    there = next(folder for folder in (cache, *cache.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if sum(sizes.values()) > free:
        raise Refused(
            f"{name} needs {sum(sizes.values()) / 1e9:.1f} GB on the disk; {free / 1e9:.1f} GB are free. "
            "Free some, or set HF_HOME to a folder on a larger disk."
        )


class _Count:
    """Adds up the bytes of a download, tells of them, and stops it when told to."""

    def __init__(self, progress: Progress | None, cancelled: Cancelled | None) -> None:
        self.progress, self.cancelled = progress, cancelled
        self.done = self.total = 0
        self.seen: deque[tuple[float, int]] = deque()

    def look(self) -> None:
        if self.cancelled and self.cancelled():
            raise Stopped("Stopped. Nothing half downloaded is kept as if it were whole.")

    def add(self, count: int) -> None:
        self.look()
        self.done += count
        now = time.monotonic()
        self.seen.append((now, self.done))
        while now - self.seen[0][0] > RATE_SECONDS and len(self.seen) > 2:
            self.seen.popleft()
        if self.progress:
            seconds = now - self.seen[0][0]
            self.progress(self.done, self.total, (self.done - self.seen[0][1]) / seconds if seconds else 0.0)

    def bar(self) -> type:
        """A class that the library takes for a progress bar."""
        add = self.add

        class Bar:
            def __init__(self, *_: Any, total: int | None = None, initial: int = 0, **__: Any) -> None:
                self.total, self.n = total, float(initial)

            def update(self, count: float | None = 1) -> None:
                self.n += count or 0
                add(int(count or 0))

            def __enter__(self) -> Bar:
                return self

            def __exit__(self, *_: object) -> None:
                pass

            def close(self) -> None:
                pass

        return Bar


def first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


# --- the command ------------------------------------------------------------------------------------------------------
