"""The files for running several servers: what they say holds together, and with what the app does."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from core.cluster import starting
from core.cluster.joining import PORT, addresses_in
from core.public import UPLOAD
from tests.apptest import ROOT
from ui.server.room_routes import ROOM_ROUTES

DEPLOY = ROOT / "deploy"


@pytest.fixture(scope="module")
def nginx():
    return re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def addresses(compose):
    return {name: one["networks"]["gaze"]["ipv4_address"] for name, one in compose["services"].items()}


def test_blocks_of_nginx_are_closed_and_its_lines_end(nginx):
    assert nginx.count("{") == nginx.count("}")
    assert all(line.strip()[-1] in "{};" for line in nginx.splitlines() if line.strip())


def test_nginx_finds_no_fault(tmp_path):
    program = shutil.which("nginx")
    if program is None:
        pytest.skip("no nginx: the form of its file is tested all the same")
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8").replace("/tmp/gaze-nginx.pid", str(tmp_path / "pid"))
    paths = "".join(
        f"{name}_temp_path {tmp_path / name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = text.replace("http {", "http { " + paths, 1)
    if not Path("/etc/nginx/mime.types").exists():
        text = text.replace("include /etc/nginx/mime.types;", "")
    (tmp_path / "nginx.conf").write_text(text, encoding="utf-8")
    command = [program, "-t", "-e", str(tmp_path / "log"), "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_visitor_stays_with_one_server_and_rooms_are_at_one(nginx):
    servers = re.search(r"upstream gaze \{(.*?)\}", nginx, re.S)[1]
    rooms = re.search(r"upstream gaze_rooms \{(.*?)\}", nginx, re.S)[1]
    assert "hash $gaze_visitor consistent" in servers and "gaze_server=$gaze_visitor" in nginx
    named = re.findall(r"server (\S+?)( backup)?;", rooms)
    assert [name for name, _ in named] == re.findall(r"server (\S+);", servers)
    assert [bool(backup) for _, backup in named] == [False, True], "one alone answers, until it is lost"
    place = re.search(r"location (\S+) \{[^}]*gaze_rooms;", nginx)[1]
    assert all(route.path.startswith(place) for route in ROOM_ROUTES)


def test_nginx_lets_visitors_bring_what_the_app_lets_them(nginx):
    most = int(re.search(r"client_max_body_size (\d+)m;", nginx)[1]) * 1_000_000
    assert UPLOAD < most <= 3 * UPLOAD


def test_what_the_services_are_told_is_where_the_others_are(nginx, compose):
    found = addresses(compose)
    assert len(set(found.values())) == len(found)
    servers = {found[name] for name in ("server-1", "server-2")}
    assert {one.split(":")[0] for one in re.findall(r"server (10\S+?)[; ]", nginx)} == servers
    for name in ("server-1", "server-2"):
        said = compose["services"][name]["environment"]
        doors = addresses_in(said["GAZE_CLUSTER"])
        assert doors == tuple(f"http://{found[one]}:{PORT}" for one in ("head", "machine"))
        assert said["GAZE_PUBLIC"] == "1" and said["FORWARDED_ALLOW_IPS"] == found["nginx"]


@pytest.mark.parametrize("name", ["head", "machine"])
def test_the_machines_are_started_by_a_command_that_there_is(compose, name):
    service = compose["services"][name]
    assert service["command"][:3] == ["python", "-m", starting.__name__]
    chosen = starting.options().parse_args(service["command"][3:])
    assert chosen.host == addresses(compose)[name] and starting.replicas_in(chosen.replicas)
    assert bool(chosen.join) == (name == "machine")
    if chosen.join:
        assert chosen.join == f"{addresses(compose)['head']}:{starting.RAY_PORT}"


def test_every_secret_is_asked_for_and_none_is_written(compose):
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            assert "SECRET" not in name or value.startswith("${"), f"{name} has a value that everybody can read"


def test_the_pages_that_tell_of_it_name_what_there_is():
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    for path in re.findall(r"\]\((\.\./[^)]+)\)", text):
        assert (ROOT / "docs" / path).exists(), path
    known = {option for one in starting.options()._actions for option in one.option_strings}
    for option in re.findall(r"`(--[a-z-]+)", text):
        assert option in known, option
