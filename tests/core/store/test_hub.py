"""Downloads, from a hub of our own on this machine: progress, stopping, breaking off, and all that is refused."""

import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import huggingface_hub
import pytest

from core import device
from core.store import fetch, hub, opening, shelf
from core.store.opening import open_model
from core.store.shelf import SHELF
from core.types import Refused, Stopped
from tests.checkpoints import saved, tiny_bert

COMMIT, CONVERTED = "a" * 40, "b" * 40


class Hub(ThreadingHTTPServer):
    """As much of the hub as a download needs; repositories are dictionaries of files."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.repositories: dict[str, dict[str, bytes]] = {}  # "name" or "name@refs/pr/1"
        self.status: dict[str, tuple[int, str]] = {}  # by name: what is answered instead, and the hub's word for it
        self.asked: list[tuple[str, str]] = []
        self.offers: list[dict] = []
        self.cut = 0  # bytes after which weights break off
        self.hold = threading.Event()  # weights stop in the middle until it is set
        self.hold.set()
        self.halfway = threading.Event()
        self.send_html = False  # to every question

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def downloads(self):
        return [path.rsplit("/", 1)[-1] for method, path in self.asked if method == "GET" and "/resolve/" in path]


class Answer(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.reply("HEAD")

    def do_GET(self):
        self.reply("GET")

    def reply(self, method):
        parts = urlsplit(self.path)
        self.server.asked.append((method, parts.path))
        if self.server.send_html:
            return self.send(200, b"<html>Your password, please</html>", {"Content-Type": "text/html"})
        api = re.fullmatch(r"/api/models/(.+?)(?:/(discussions|revision/(.+)))?", parts.path)
        file = re.fullmatch(r"/(.+?)/resolve/([^/]+)/(.+)", parts.path)
        name = (api or file)[1] if api or file else ""
        if name in self.server.status:
            code, word = self.server.status[name]
            return self.send(code, b"{}", {"X-Error-Code": word})
        if api and api[2] == "discussions":
            authors = parse_qs(parts.query).get("author")
            found = [o for o in self.server.offers if not authors or o["author"]["name"] in authors]
            return self.send_json({"discussions": found, "count": len(found), "start": 0, "numClosedDiscussions": 0})
        if api:
            branch = (api[3] or "main").replace("%2F", "/")
            return self.send_listing(name, branch)
        if file:
            return self.send_file(method, name, file[2], file[3])
        return self.send(200, b"hello")

    def files(self, name, branch):
        key = name if branch in ("main", COMMIT) else f"{name}@refs/pr/1" if branch in (CONVERTED, "refs/pr/1") else ""
        return self.server.repositories.get(key)

    def send_listing(self, name, branch):
        files = self.files(name, branch)
        if files is None:
            word = "RevisionNotFound" if name in self.server.repositories else "RepoNotFound"
            return self.send(404, b"{}", {"X-Error-Code": word})
        siblings = [{"rfilename": file, "size": len(data)} for file, data in files.items()]
        commit = CONVERTED if branch in (CONVERTED, "refs/pr/1") else COMMIT
        return self.send_json({"id": name, "modelId": name, "sha": commit, "siblings": siblings})

    def send_file(self, method, name, commit, file):
        data = (self.files(name, commit) or {}).get(file)
        if data is None:
            return self.send(404, b"", {"X-Error-Code": "EntryNotFound"})
        headers = {"ETag": f'"{hashlib.sha1(data).hexdigest()}"', "X-Repo-Commit": commit}
        if method == "HEAD":
            return self.send(200, data, headers, body=False)
        self.send(200, data, headers, body=False)
        if not file.endswith(".safetensors"):
            return self.wfile.write(data)
        half = self.server.cut or len(data) // 2
        if self.server.cut and self.server.halfway.is_set():
            half = 0  # the library tries again as long as something comes
        self.wfile.write(data[:half])
        self.wfile.flush()
        self.server.halfway.set()
        if self.server.cut:
            self.close_connection = True
            return None
        assert self.server.hold.wait(60)
        return self.wfile.write(data[half:])

    def send_json(self, value):
        self.send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def send(self, code, data, headers=None, body=True):
        self.send_response(code)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body and self.command != "HEAD":
            self.wfile.write(data)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A checkpoint as the hub serves it, with much beside it that nobody needs."""
    folder = saved(tiny_bert(width=64), tmp_path_factory.mktemp("hub") / "bert")
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    unneeded = (
        "pytorch_model.bin",
        "tf_model.h5",
        "flax_model.msgpack",
        "onnx/model.onnx",
        "README.md",
        ".gitattributes",
    )
    return found | dict.fromkeys(unneeded, b"not needed")


@pytest.fixture
def server(monkeypatch, tmp_path, files):
    """The hub, this process's library turned to it, and an empty cache."""
    with Hub() as there:
        there.repositories = {"some/bert": dict(files), "bert-base-uncased": dict(files)}
        thread = threading.Thread(target=there.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        constants = huggingface_hub.constants
        monkeypatch.setattr(constants, "ENDPOINT", there.url)
        template = there.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
        monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 10_000_000)
        monkeypatch.setattr(hub, "CHUNK", 10_000)
        opening._opened.cache_clear()
        shelf._available.cache_clear()
        yield there
        there.hold.set()
        there.shutdown()
        thread.join(30)
    opening._opened.cache_clear()
    shelf._available.cache_clear()


@pytest.fixture
def cut_off(monkeypatch):
    """No network."""
    monkeypatch.setattr(hub, "reachable", lambda: False)


def cache_holds(name="some/bert"):
    return sorted(path.name for path in Path(huggingface_hub.constants.HF_HUB_CACHE).glob(f"models--{name}/**/*"))


# --- downloading


def test_fetch_takes_what_is_needed_and_weights_last(server, files):
    told = []
    folder = hub.fetch("some/bert", progress=lambda *news: told.append(news))
    wanted = {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    wanted &= set(files)
    assert {path.name for path in folder.iterdir()} == wanted
    assert set(server.downloads()) == wanted and server.downloads()[-1] == "model.safetensors"
    assert folder.name == COMMIT
    total = sum(len(files[name]) for name in wanted)
    assert told[-1][:2] == (total, total)
    assert all(a[0] <= b[0] and b[1] == total and b[2] >= 0 for a, b in pairwise(told))
    assert len(told) > len(files["model.safetensors"]) / 10_000, "told of every piece"


def test_a_fetched_model_is_found_and_opens_without_a_network(server, monkeypatch):
    assert hub.cached_folder("some/bert") is None
    folder = hub.fetch("some/bert")
    server.asked.clear()
    assert hub.cached_folder("some/bert") == folder
    opened = open_model("some/bert")
    assert (opened.card.family, opened.revision, server.asked) == ("encoder", COMMIT, [])


def test_other_programs_find_it_too(server):
    folder = hub.fetch("some/bert")
    assert huggingface_hub.snapshot_download("some/bert", local_files_only=True) == str(folder)


def test_open_model_downloads(server):
    told = []
    opened = open_model("bert-base-uncased", progress=lambda *news: told.append(news))
    assert opened.card is SHELF["bert-base-uncased"] and opened.revision == COMMIT
    assert "bert-base-uncased" in {name for name in shelf._available(-1)}


def test_a_cached_copy_under_another_name_is_used(server, files, monkeypatch, cut_off):
    server.repositories["google-bert/bert-base-uncased"] = dict(files)
    with monkeypatch.context() as patch:
        patch.setattr(hub, "reachable", lambda: True)
        folder = hub.fetch("google-bert/bert-base-uncased")
    assert opening.locate(SHELF["bert-base-uncased"]) == folder


def test_what_is_there_already_is_not_loaded_again(server, files):
    hub.fetch("some/bert")
    (hub.cached_folder("some/bert") / "tokenizer.json").unlink()
    server.asked.clear()
    told = []
    hub.fetch("some/bert", progress=lambda *news: told.append(news))
    assert server.downloads() == ["tokenizer.json"] or server.downloads() == []
    assert told[-1][0] == told[-1][1]


def test_weights_that_only_the_converter_offers(server, files):
    """As many translators on the hub are: pickles on the main branch, safetensors in a pull request of its robot."""
    converted = server.repositories["some/bert"]
    server.repositories["some/bert"] = {k: v for k, v in converted.items() if k != "model.safetensors"}
    server.repositories["some/bert@refs/pr/1"] = converted
    server.offers = [offer("SFconvertbot")]
    folder = hub.fetch("some/bert")
    assert folder.name == CONVERTED
    assert hub.cached_folder("some/bert") == folder
    assert open_model("some/bert").revision == CONVERTED


@pytest.mark.parametrize(("author", "status"), [("somebody", "open"), ("SFconvertbot", "closed")])
def test_weights_that_somebody_else_offers(server, author, status):
    converted = server.repositories["some/bert"]
    server.repositories["some/bert"] = {k: v for k, v in converted.items() if k != "model.safetensors"}
    server.repositories["some/bert@refs/pr/1"] = converted
    server.offers = [offer(author, status)]
    with pytest.raises(Refused, match="no weights as safetensors"):
        hub.fetch("some/bert")
    assert server.downloads() == []


def offer(author, status="open"):
    return {
        "num": 1,
        "title": "Adding `safetensors` variant of this model",
        "author": {"name": author},
        "status": status,
        "isPullRequest": True,
        "createdAt": "2023-03-01T00:00:00.000Z",
        "repo": {"name": "some/bert", "type": "model"},
    }


# --- stopping and breaking off


def test_stopping_in_the_middle(server, files):
    half = len(files["model.safetensors"]) // 2
    done = 0

    def tell(count, total, rate):
        nonlocal done
        done = count

    with pytest.raises(Stopped):
        hub.fetch("some/bert", progress=tell, cancelled=lambda: done > half)
    assert half < done < half + 40_000, "looked at every piece"
    assert "model.safetensors" not in cache_holds()
    assert not [name for name in cache_holds() if name.endswith(".incomplete")]
    assert hub.cached_folder("some/bert") is None
    assert hub.cached_folder("some/bert") is None and "some/bert" not in shelf.available_offline()
    server.asked.clear()
    assert hub.is_whole(hub.fetch("some/bert"))
    assert server.downloads() == ["model.safetensors"], "what was whole is not loaded again"


def test_stopping_while_the_hub_says_nothing(server):
    server.hold.clear()
    with pytest.raises(Stopped, match="not kept"):
        open_model("some/bert", cancelled=server.halfway.is_set)
    assert hub.cached_folder("some/bert") is None
    server.hold.set()
    assert open_model("some/bert").revision == COMMIT


def test_one_who_leaves_does_not_stop_the_others(server):
    server.hold.clear()
    got = []
    other = threading.Thread(target=lambda: got.append(open_model("some/bert")))
    other.start()
    assert server.halfway.wait(30)
    with pytest.raises(Stopped):
        open_model("some/bert", cancelled=lambda: True)
    server.hold.set()
    other.join(60)
    assert got and got[0].revision == COMMIT
    assert server.downloads().count("model.safetensors") == 1


def test_a_connection_that_breaks(server, files, monkeypatch):
    from huggingface_hub import file_download

    monkeypatch.setattr(file_download.time, "sleep", lambda seconds: None)
    server.cut = 30_000
    with pytest.raises(Refused, match=r"broke off .* files that are whole are kept"):
        hub.fetch("some/bert")
    assert hub.cached_folder("some/bert") is None
    server.cut = 0
    assert hub.is_whole(hub.fetch("some/bert"))


# --- no network


def test_no_network_is_said_with_what_is_here(server, cut_off):
    with pytest.raises(Refused, match="hub cannot be reached") as error:
        open_model("gpt2")
    assert "GPT-2 is not on this machine" in str(error.value)
    assert "Did you mean" not in str(error.value)
    assert "ithout a network" in str(error.value)
    assert server.asked == []


def test_the_hub_is_asked_once_and_not_for_long(server, monkeypatch):
    """The answer to a missing network comes within 2 s: one question, bounded by 1.5."""
    assert hub.PROBE_SECONDS == 1.5
    asked = []

    class Session:
        def head(self, url, timeout):
            asked.append((url, timeout))
            raise OSError("no network")

    monkeypatch.setattr(huggingface_hub, "get_session", Session)
    with pytest.raises(Refused, match="cannot be reached"):
        open_model("gpt2")
    assert asked == [(server.url, 1.5)]
    assert server.asked == []


def test_a_name_server_that_does_not_answer(monkeypatch, server):
    """No time limit of a request covers the look-up of its host's name: the wait itself is bounded."""
    release, waits = threading.Event(), []

    class Session:
        def head(self, url, timeout):
            release.wait(60)

    class Event(threading.Event):
        def wait(self, timeout=None):
            if timeout is None:  # a thread's own, which says that it has begun
                return super().wait()
            waits.append(timeout)
            return super().wait(0)

    monkeypatch.setattr(huggingface_hub, "get_session", Session)
    monkeypatch.setattr(hub.threading, "Event", Event)
    assert hub.reachable() is False
    assert waits == [1.5]
    release.set()


def test_reachable(server):
    assert hub.reachable() is True
    assert server.asked == [("HEAD", "/")] or server.asked == [("HEAD", "")]


def test_offline_mode_asks_nobody(server, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    assert hub.reachable() is False
    assert server.asked == []


# --- what is refused


def test_no_such_model(server):
    with pytest.raises(Refused, match="The hub has no model bert-base-uncasd") as error:
        open_model("bert-base-uncasd")
    assert "Did you mean bert-base-uncased" in str(error.value)


def test_a_model_behind_terms(server):
    server.status["some/bert"] = (403, "GatedRepo")
    with pytest.raises(Refused, match="accept its terms"):
        hub.fetch("some/bert")


def test_no_such_revision(server):
    with pytest.raises(Refused, match="no revision v9"):
        hub.fetch("some/bert", "v9")


def test_a_hub_that_is_broken(server, monkeypatch):
    server.status["some/bert"] = (500, "")
    with pytest.raises(Refused, match=r"some/bert is not on this machine, and the hub gives no proper answer .*500"):
        open_model("some/bert")


def test_a_proxy_that_answers_in_its_place(server, monkeypatch):
    """As in a hotel: everything is answered, with a page that wants a password."""
    server.send_html = True
    with pytest.raises(Refused, match="no proper answer"):
        open_model("some/bert")


def test_no_transformers_model(server):
    server.repositories["some/bert"] = {"weights.gguf": b"x"}
    with pytest.raises(Refused, match=r"no config.json"):
        hub.fetch("some/bert")


def test_a_model_larger_than_the_memory(server, monkeypatch):
    monkeypatch.setattr(device, "memory_bytes", lambda: 1_000)
    with pytest.raises(Refused, match="GB of memory"):
        hub.fetch("some/bert")
    assert server.downloads() == []


def test_a_full_disk(server, monkeypatch):
    monkeypatch.setattr(hub.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1_000})())
    with pytest.raises(Refused, match="on the disk"):
        hub.fetch("some/bert")
    assert server.downloads() == []


@pytest.mark.parametrize("name", ["../../etc", "a/b/c", "", "a b", "x" * 200])
def test_no_id(server, name):
    with pytest.raises(Refused, match="no model id"):
        hub.fetch(name)
    assert server.asked == []


# --- the cache


def snapshot(commit, names, branch="main", name="some/bert"):
    home = Path(huggingface_hub.constants.HF_HUB_CACHE) / f"models--{name.replace('/', '--')}"
    folder = home / "snapshots" / commit
    folder.mkdir(parents=True)
    for file in names:
        (folder / file).write_text('{"weight_map": {"w": "model-00001-of-00002.safetensors"}}')
    if branch:
        ref = home / "refs" / branch
        ref.parent.mkdir(parents=True, exist_ok=True)
        ref.write_text(commit)
    return folder


WHOLE = ("config.json", "tokenizer.json", "model.safetensors")


def test_the_branch_comes_before_the_newest(server):
    main = snapshot("1" * 40, WHOLE)
    other = snapshot("2" * 40, WHOLE, branch="refs/pr/3")
    assert hub.cached_folder("some/bert") == main
    assert hub.cached_folder("some/bert", "refs/pr/3") == other
    (main / "config.json").unlink()
    assert hub.cached_folder("some/bert") == other


@pytest.mark.parametrize("missing", WHOLE)
def test_half_a_snapshot_is_none(server, missing):
    snapshot("1" * 40, [name for name in WHOLE if name != missing])
    assert hub.cached_folder("some/bert") is None


def test_a_missing_shard(server):
    folder = snapshot("1" * 40, ("config.json", "tokenizer.json", "model.safetensors.index.json"))
    assert hub.cached_folder("some/bert") is None
    (folder / "model-00001-of-00002.safetensors").touch()
    assert hub.cached_folder("some/bert") == folder


def test_a_link_to_a_file_that_is_gone(server):
    folder = snapshot("1" * 40, WHOLE)
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").symlink_to("../../blobs/gone")
    assert hub.cached_folder("some/bert") is None


def test_half_a_snapshot_is_completed(server, files):
    folder = snapshot(COMMIT, ())
    (folder / "config.json").write_bytes(files["config.json"])
    assert open_model("some/bert").revision == COMMIT
    assert "config.json" not in server.downloads()


# --- the command


def test_command(server, capsys, monkeypatch):
    monkeypatch.setitem(SHELF, "mini", shelf.ModelCard("mini", "/x", "encoder", "Mini", folder=True))
    assert fetch.main(["bert-base-uncased", "some/bert", "mini", "no/model", "../x"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "bert-base-uncased is here.",
        "some/bert is here.",
        "mini is built in: there is nothing to fetch.",
        "no/model: The hub has no model no/model, or it is private.",
        "../x: '../x' is no model id. Ids look like bert-base-uncased or openai/clip-vit-base-patch32.",
    ]
    assert fetch.main(["some/bert"]) == 0
    assert capsys.readouterr().out == "some/bert is here already.\n"


def test_command_without_a_network(server, cut_off, capsys):
    assert fetch.main(["gpt2"]) == 1
    assert capsys.readouterr().out == "gpt2: the hub cannot be reached. Connect to the network and try again.\n"


def test_command_without_a_name_lists_the_shelf(capsys):
    assert fetch.main([]) == 2
    assert "xlm-roberta-base" in capsys.readouterr().out


def test_bar(server, capsys, monkeypatch):
    monkeypatch.setattr(fetch.sys.stdout, "isatty", lambda: True, raising=False)
    assert fetch.main(["some/bert"]) == 0
    assert "[##############################]" in capsys.readouterr().out
    assert (
        fetch.show("x", 38_000_000, 240_000_000, 6_100_000)
        == "x  [####..........................] 38 of 240 MB, 6.1 MB/s"
    )
