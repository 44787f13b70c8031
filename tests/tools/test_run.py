"""run.py's pure parts: what it finds installed, which port it takes, what it says to a wrong word. No network."""

import ast
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import run
from launch import browser, ports, process

ROOT = Path(run.__file__).parent


@pytest.fixture
def taken():
    """A port of this machine on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_refused(taken):
    with pytest.raises(run.Stop, match=f"Port {taken} is taken"):
        ports.choose_port("127.0.0.1", taken)


def test_the_next_free_port_is_chosen(taken, monkeypatch):
    monkeypatch.setattr(ports, "FIRST_PORT", taken)
    monkeypatch.setattr(ports, "LAST_PORT", taken + 50)
    assert taken < ports.choose_port("127.0.0.1", None) <= taken + 50


def test_no_free_port(taken, monkeypatch):
    monkeypatch.setattr(ports, "FIRST_PORT", taken)
    monkeypatch.setattr(ports, "LAST_PORT", taken)
    with pytest.raises(run.Stop, match="--port 9000"):
        ports.choose_port("127.0.0.1", None)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_impossible_ports(port):
    with pytest.raises(run.Stop, match="between 1 and 65535"):
        ports.choose_port("127.0.0.1", port)


def test_app_command():
    command = run.app_command("0.0.0.0", 8600, "class/gaze")
    assert command[:4] == ["-m", "streamlit", "run", "app.py"]
    pairs = dict(zip(command[4::2], command[5::2], strict=True))
    assert pairs["--server.address"] == "0.0.0.0"
    assert pairs["--server.port"] == "8600"
    assert pairs["--server.baseUrlPath"] == "class/gaze"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("127.0.0.1", 8501), "http://localhost:8501/"),
        (("0.0.0.0", 8502, "gaze"), "http://localhost:8502/gaze/"),
        (("::1", 80), "http://[::1]:80/"),
        (("10.0.0.7", 80), "http://10.0.0.7:80/"),
    ],
)
def test_address(given, expected):
    assert ports.address(*given) == expected


def test_only_an_open_host_has_an_address_for_the_room():
    assert ports.room_address("127.0.0.1", 8501) == ""


@pytest.mark.parametrize(
    ("answer", "well"), [(b"HTTP/1.1 200 OK\r\n\r\nok", True), (b"HTTP/1.1 503 No\r\n\r\n", False)]
)
def test_health(answer, well):
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            with connection:
                asked.append(connection.recv(200))
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        assert ports.healthy("127.0.0.1", server.getsockname()[1], "gaze") is well
        thread.join()
    assert asked[0].startswith(b"GET /gaze/_stcore/health ")


def test_nobody_is_not_healthy():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert not ports.healthy("127.0.0.1", port)


def test_unknown_command_shows_the_help(capsys):
    assert run.main(["tset"]) == 2
    said = capsys.readouterr().err
    assert "tset is no command" in said and "python run.py test" in said


def test_help(capsys):
    assert run.main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"run.py {name}" in said for name in run.COMMANDS)


@pytest.mark.parametrize("given", [["train"], ["train", "--minutes", "3"], ["train", "nonsense"]])
def test_train_lists_what_there_is(given, capsys):
    assert run.main(given) == 2
    assert "There are: " + ", ".join(run.trainable()) in capsys.readouterr().err


def test_trainable(tmp_path):
    (tmp_path / "tool.py").write_text("x = 1\n")
    (tmp_path / "net.py").write_text('if __name__ == "__main__":\n    main()\n')
    assert run.trainable(tmp_path) == ["net"]


def test_fetch_asks_for_a_name(capsys):
    assert run.main(["fetch"]) == 2
    assert "Which models?" in capsys.readouterr().err


def test_a_lesson_of_ones_own_is_opened_by_its_file(tmp_path, monkeypatch, capsys):
    assert run.main(["lesson"]) == 2 and "Which file?" in capsys.readouterr().err
    assert run.main(["lesson", "no-such.md"]) == 2 and "There is no file no-such.md." in capsys.readouterr().err
    file = tmp_path / "mine.md"
    file.write_text("", encoding="utf-8")
    started = []
    monkeypatch.setattr(run, "start", lambda given, query: started.append((given, query)) or 0)
    monkeypatch.setenv("GAZE_LESSON", "")
    assert run.main(["lesson", str(file), "--port", "8600"]) == 0
    assert started == [(["--port", "8600"], "?lesson=own")] and os.environ["GAZE_LESSON"] == str(file)


def test_commands_reach_their_modules(monkeypatch):
    ran = []
    monkeypatch.setattr(run, "set_up", lambda dev=False: ran.append(dev))
    monkeypatch.setattr(run, "run", lambda arguments, environment=None: ran.append(arguments) or 3)
    assert run.main(["train", "rnn-scaled-dot", "--minutes", "1"]) == 3
    assert run.main(["data", "sentences", "--data", "/tmp/d"]) == 3
    assert run.main(["fetch", "gpt2", "t5-small"]) == 3
    assert run.main(["bench"]) == 3
    assert ran == [
        False,
        ["-m", "training", "rnn-scaled-dot", "--minutes", "1"],
        False,
        ["-m", "training.corpora", "sentences", "--data", "/tmp/d"],
        False,
        ["-m", "core.store.fetch", "gpt2", "t5-small"],
        True,
        ["-m", "benchmarks.bench"],
    ]


def test_a_cluster_brings_its_packages_and_is_told_what_was_said(monkeypatch):
    ran = []
    monkeypatch.setattr(run, "set_up", lambda **what: ran.append(what))
    monkeypatch.setattr(run, "run", lambda arguments, environment=None: ran.append(arguments) or 3)
    assert run.main(["cluster", "--join", "10.0.0.5"]) == 3
    assert ran == [{"cluster": True}, ["-m", "core.cluster.starting", "--join", "10.0.0.5"]]


def quietly(monkeypatch, browser, codes=(0, 0, 0, 0, 0)):
    """Let 'test' run with nothing behind it; gives what it started."""
    ran, left = [], list(codes)
    monkeypatch.setattr(run, "set_up", lambda dev=False: None)
    monkeypatch.setattr(run, "get_browser", lambda: browser)
    monkeypatch.setattr(
        run, "run", lambda arguments, environment=None: ran.append((arguments, environment)) or left.pop(0)
    )
    return ran


def test_test_checks_style_and_runs_the_tests_with_a_browser(monkeypatch):
    ran = quietly(monkeypatch, "/opt/chromium", (0, 1, 0, 0, 0))
    assert run.main(["test", "-k", "pieces"]) == 1, "a failure of the style is a failure"
    assert [arguments[1] for arguments, _ in ran] == ["ruff", "ruff", "mypy", "tests.js.run", "pytest"]
    *first, k, pieces = ran[4][0]
    assert first == ["-m", "pytest", *run.at_once(os.cpu_count() or 1)], "what is given comes last, so it wins"
    assert (k, pieces, ran[4][1]["GAZE_CHROMIUM"]) == ("-k", "pieces", "/opt/chromium")


def test_fast_needs_no_browser(monkeypatch):
    ran = quietly(monkeypatch, "/opt/chromium")
    assert run.main(["test", "--fast", "-x"]) == 0
    assert ran[3][0] == ["-m", "tests.js.run", "--fast"]
    assert ran[4][0] == ["-m", "pytest", *run.at_once(os.cpu_count() or 1), *run.FAST, "-x"]
    assert "GAZE_CHROMIUM" not in ran[4][1]


def test_fast_tries_fewer_made_up_inputs_unless_the_shell_says_how_many(monkeypatch):
    monkeypatch.delenv("GAZE_EXAMPLES", raising=False)
    monkeypatch.delenv("CI", raising=False)  # there a run without a browser has failed
    for command, told in ((["test", "--fast"], "50"), (["test"], None)):
        ran = quietly(monkeypatch, "")
        assert run.main(command) == 0 and ran[4][1].get("GAZE_EXAMPLES") == told
    monkeypatch.setenv("GAZE_EXAMPLES", "7")
    ran = quietly(monkeypatch, "")
    assert run.main(["test", "--fast"]) == 0 and ran[4][1]["GAZE_EXAMPLES"] == "7"


def test_tests_keep_bytecode_where_the_shell_says_not_to(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    ran = quietly(monkeypatch, "")
    assert run.main(["test", "--fast"]) == 0
    asks = [sys.executable, "-c", "import sys; print(sys.dont_write_bytecode)"]
    assert subprocess.check_output(asks, env=os.environ | ran[4][1], text=True).strip() == "False"


def test_one_core_runs_one_process_of_tests():
    assert run.at_once(1) == []
    assert run.at_once(2)[:2] == run.at_once(64)[:2] == ["-n", "2"]


def test_no_browser_fails_only_where_nobody_would_notice(monkeypatch, capsys):
    monkeypatch.delenv("CI", raising=False)
    quietly(monkeypatch, "")
    assert run.main(["test"]) == 0
    monkeypatch.setenv("CI", "true")
    ran = quietly(monkeypatch, "")
    assert run.main(["test"]) == 1
    assert ran == []


def test_browser_given_but_gone(monkeypatch):
    monkeypatch.setenv("GAZE_CHROMIUM", "/no/such/browser")
    with pytest.raises(run.Stop, match="does not exist"):
        browser.find_browser()


@pytest.mark.skipif(os.name == "nt", reason="not on Windows: a shell script")
def test_a_browser_that_does_not_run_is_passed_over(tmp_path, monkeypatch):
    for name, code in (("chromium", 1), ("google-chrome", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.delenv("GAZE_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.find_browser() == str(tmp_path / "google-chrome")


def test_exit_code_is_passed_on(monkeypatch):
    monkeypatch.setattr(run, "venv_python", lambda: sys.executable)
    assert run.run(["-c", "import sys; sys.exit(7)"]) == 7


@pytest.mark.skipif(os.name == "nt", reason="not on Windows: the console tells both processes there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_reach_the_child(number):
    code = (
        "import sys, signal; sys.path.insert(0, sys.argv[1]); import run; from launch import process\n"
        "process.venv_python = lambda: sys.executable\n"
        "sys.exit(run.run(['-c', 'import signal, sys\\n"
        "for n in (signal.SIGINT, signal.SIGTERM): signal.signal(n, lambda n, f: sys.exit(40 + n))\\n"
        'print("up", flush=True)\\nsignal.pause()\']))'
    )
    with subprocess.Popen([sys.executable, "-c", code, str(ROOT)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "up\n"
        process.send_signal(number)
        assert process.wait(30) == 40 + number


@pytest.mark.skipif(os.name == "nt", reason="not on Windows: the console tells both processes there")
def test_a_signal_that_comes_while_a_process_is_being_started_reaches_it():
    child = process.Child([sys.executable, "-c", "import signal; signal.pause()"])
    start = child.start

    def start_late():
        os.kill(os.getpid(), signal.SIGTERM)
        return start()

    child.start = start_late
    before = signal.getsignal(signal.SIGTERM)
    with child:
        assert child.process.wait(30) == -signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_old_python_can_read_it():
    """Else it shows a syntax error instead of the sentence."""
    ast.parse(Path(run.__file__).read_text(encoding="utf-8"), feature_version=(3, 7))


def test_only_the_standard_library():
    for path in (Path(run.__file__), *(ROOT / "launch").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        names |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert {name.split(".")[0] for name in names} <= {*sys.stdlib_module_names, "launch"}, path.name


def test_requirements_are_pinned_exactly():
    for name in ("requirements.txt", "requirements-cluster.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-r ")):
                assert "==" in line and " # " in line, f"{name}: {line}: pin it and say why it is there"


def test_the_version_is_that_of_the_project(capsys):
    assert run.main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == f"Gaze {run.version()}" and run.version()[0].isdecimal()


def test_what_is_open_to_visitors_is_told_by_a_command(monkeypatch, capsys):
    ran = []
    monkeypatch.delenv("GAZE_HOST", raising=False)
    monkeypatch.setattr(run, "set_up", lambda: None)
    monkeypatch.setattr(run, "run", lambda *given: ran.append(given) or 1)
    assert run.main(["check", "--public"]) == 1
    assert ran == [(["-m", "core.public"], {"GAZE_HOST": "0.0.0.0"})]
    assert run.main(["check", "all"]) == 2 and "check --public" in capsys.readouterr().err
    ran.clear()
    assert run.main(["check"]) == 1 and ran == [(["-m", "ui.server.ready"],)]
