"""A real cluster of three nodes on this machine: its answers are this process's, and what is lost is asked again."""

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pyarrow.parquet
import pytest

pytest.importorskip("ray", reason="Ray is not installed: python run.py cluster brings it")

from core.cache import ANSWERS, never, silent
from core.cluster import corpora, joining
from core.cluster.asking import Busy
from core.cluster.values import packed
from core.data.pictures import add_picture
from core.engine import ask, made_here
from core.requests import EmbeddingRequest, ImageRequest, TextRequest
from core.types import Refused, Stopped
from tests.chromium import ROOT
from tests.core.cluster.alike import assert_same
from tests.core.cluster.machines import Machines, until
from tests.core.cluster.questions import BERT, GPT, QUICK, XLMR

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="not on Windows: Ray joins none there")]
WAITING = 20  # questions that may wait for a replica


@pytest.fixture(scope="module")
def machines():
    """Two machines with a replica each behind a first one; gone, with all their processes, at the end."""
    folder = Path(tempfile.mkdtemp(prefix="gaze-cluster-"))
    made = Machines(folder, waiting=WAITING)
    try:
        made.start()
        yield made
    finally:
        family = [one for machine in made.started if machine.is_running() for one in machine.children(recursive=True)]
        made.stop()
        left = [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
        for one in left:
            one.kill()
        shutil.rmtree(folder, ignore_errors=True)
    assert not left, f"these processes outlived the cluster: {left}"


@pytest.fixture
def cluster(machines):
    """This process asks it."""
    found = joining.join(machines.address)
    until(lambda: found.up, 60, "the cluster")
    ANSWERS.clear()
    yield found
    joining.leave()
    ANSWERS.clear()


def ordered(*words):
    """What the replicas' engine does when it is asked this: see answering.py."""
    return TextRequest(GPT, " ".join(map(str, words)))


def who(folder, count=12):
    """The processes that answer."""
    ANSWERS.clear()
    with ThreadPoolExecutor(count) as pool:
        return set(pool.map(lambda at: ask(ordered("sleep", 0.2, folder / "none", at)), range(count)))


@pytest.mark.parametrize("question", QUICK, ids=lambda one: f"{type(one).__name__}-{one.models[0]}")
def test_an_answer_is_that_of_this_process_to_the_last_bit(cluster, question):
    found = ask(question)
    assert cluster.told["answered"] == 1, cluster.told
    assert_same(found, made_here(question, silent, never))


def test_a_picture_that_somebody_brought_goes_along(cluster):
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.effect_noise((90, 70), 60).convert("RGB").save(file, "PNG")
    question = ImageRequest("emoji-vit", add_picture(file.getvalue()))
    found = ask(question)
    assert cluster.told["answered"] == 1
    assert_same(found, made_here(question, silent, never))


def test_rays_server_for_clients_elsewhere_is_left_out(machines):
    family = psutil.Process(machines.head.pid).children(recursive=True)
    said = [" ".join(one.cmdline()) for one in family if one.status() != psutil.STATUS_ZOMBIE]
    assert any("gcs_server" in one for one in said) and not any("ray.util.client" in one for one in said)


def test_a_replica_refuses_as_this_process_does(cluster):
    with pytest.raises(Refused) as there:
        ask(TextRequest(BERT, ""))
    with pytest.raises(Refused) as here:
        made_here(TextRequest(BERT, ""), silent, never)
    assert str(there.value) == str(here.value) and cluster.told["refused"] == 1


def test_a_fault_of_ours_is_told_by_its_places_and_without_what_it_says(cluster):
    with pytest.raises(RuntimeError) as failure:
        ask(ordered("fail"))
    assert "KeyError" in str(failure.value) and "answering.py" in str(failure.value)
    assert "visitor" not in str(failure.value)


def test_how_far_it_is_is_told_and_who_stops_it_is_heard(cluster, tmp_path):
    told, stopped = [], tmp_path / "stopped"
    assert ask(ordered("sleep", 1, stopped), lambda *news: told.append(news)) and len(told) > 3
    assert all(total == 10 for _, total in told) and told == sorted(told) and not stopped.exists()
    told.clear()
    with pytest.raises(Stopped):
        ask(ordered("sleep", 600, stopped), lambda *news: told.append(news), lambda: bool(told))
    until(stopped.exists, 5, "the replica stopped")
    until(lambda: cluster.told["stopped"] == 1, 5, "its end known")


def test_who_does_not_have_the_secret_is_not_answered(machines, cluster, monkeypatch):
    order = urllib.request.Request(machines.address, b"anything", method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(order, timeout=10)
    assert refused.value.code == 403
    monkeypatch.setenv("GAZE_CLUSTER_SECRET", "another secret, long enough")
    other = joining.join(machines.address)
    assert ask(TextRequest(BERT, "A cat.")) and other.told["away"] == 1, "built-in models are answered here"


def test_a_file_of_sentences_is_embedded_by_all_machines_and_goes_on_where_it_was(machines, cluster, tmp_path):
    texts = [f"Sentence {at} of a cat." for at in range(600)]
    source, target = tmp_path / "texts.txt", tmp_path / "vectors.parquet"
    source.write_text("\n".join(texts), encoding="utf-8")
    done = corpora.place_of(EmbeddingRequest(XLMR, ()), texts) / corpora.DONE.format(1)
    done.parent.mkdir(parents=True)
    kept = np.arange(256) + 256, np.full((256, 192), 7, np.float32)  # a part that was done before, to be known again
    done.write_bytes(packed(kept))
    command = [sys.executable, "-m", "core.cluster.starting", "embed", XLMR, source, target]
    command += ["--ray-port", str(machines.ray_port)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0 and "600 of 600 sentences" in ran.stdout, ran.stderr
    table = pyarrow.parquet.read_table(target)
    found = np.array(table["vector"].to_pylist(), np.float32)
    assert table["text"].to_pylist() == texts and (found[256:512] == 7).all()
    here = made_here(EmbeddingRequest(XLMR, tuple(texts)), silent, never).values[-1]
    assert np.abs(found - here)[np.r_[:256, 512:600]].max() < 1e-5
    assert not done.parent.exists(), "parts are thrown away once the whole is there"


def test_beyond_so_many_that_wait_one_is_told_to_come_again(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr(joining, "PAUSES", (0.01,))
    many, free, turned_away = 2 * 16 + WAITING + 20, tmp_path / "free", []

    def asked(at):
        try:
            return ask(ordered("hold", free, at))
        except Busy as advice:
            turned_away.append(str(advice))
            return None

    with ThreadPoolExecutor(many) as pool:
        found = [pool.submit(asked, at) for at in range(many)]
        try:
            until(lambda: turned_away, 40, "one of them turned away")
        finally:
            free.touch()
        answered = [one.result(60) for one in found]
    assert "Ask again in a minute" in turned_away[0]
    assert sum(one is not None for one in answered) == many - len(turned_away) > 0, "what was taken is answered"


def held_while(loses, cluster, folder):
    """Who answered eight questions that were all at work when something was lost."""
    free, begun = folder / "free", []
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ask, ordered("hold", free, at), lambda *_, at=at: begun.append(at)) for at in range(8)]
        try:
            until(lambda: len(set(begun)) == 8, 60, "all of them at work")
            loses()
            until(lambda: cluster.told["again"], 60, "one of them asked again")
        finally:
            free.touch()
        found = [one.result(90) for one in asked]
    assert os.getpid() not in found and cluster.told["lost"] == cluster.told["away"] == 0
    return found


def test_a_replica_that_is_killed_loses_no_question(cluster, tmp_path):
    until(lambda: len(who(tmp_path)) == 2, 60, "both replicas")
    victim = next(iter(who(tmp_path)))
    found = held_while(psutil.Process(victim).kill, cluster, tmp_path)
    assert len(found) == 8 and victim not in found


def test_a_machine_that_is_lost_loses_no_question(machines, cluster, tmp_path):
    until(lambda: len(who(tmp_path)) == 2, 60, "both replicas")
    found = held_while(lambda: machines.lose(machines.others.pop()), cluster, tmp_path)
    assert len(found) == 8
    machines.add()


def test_a_question_that_ends_every_replica_is_given_up(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr(joining, "PAUSES", (0.1,))
    deaths = tmp_path / "deaths"
    with pytest.raises(Refused, match="lost this question 2 times"):
        ask(ordered("die", deaths))
    assert deaths.read_text() == 2 * "died\n"


def test_without_its_head_the_cluster_is_away_and_comes_back(machines, cluster, caplog):
    question = TextRequest(BERT, "The cluster is away.")
    for machine in (machines.head, *machines.others):
        machines.lose(machine)
    machines.others.clear()
    until(lambda: not cluster.up, 20, "the cluster away")
    found = ask(question)
    assert cluster.told["away"] >= 1 and cluster.told["answered"] == 0
    with pytest.raises(Refused, match="The cluster does not answer, and bert-base-multilingual-cased is asked there"):
        ask(TextRequest("bert-base-multilingual-cased", "A cat."))
    machines.start()
    until(lambda: cluster.up, 20, "the cluster back")
    ANSWERS.clear()
    assert_same(ask(question), found)
    assert cluster.told["answered"] == 1
    said = [one.getMessage() for one in caplog.records if one.name == "gaze"]
    assert sum("the cluster does not answer" in one for one in said) == 1 and "the cluster answers again" in said
