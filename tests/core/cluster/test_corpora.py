"""Long work in parts: what is made of the parts is what is made of the whole."""

import numpy as np
import pytest

from core.analyses import head_cards
from core.cluster import corpora, starting
from core.cluster.corpora import Piece, embedded, pieces_of, place_of
from core.cluster.values import packed, unpacked
from core.data.sentences import sentences
from core.requests import EmbeddingRequest, HeadCardsRequest
from core.types import Refused
from tests.core.cluster.alike import assert_same

CARDS = HeadCardsRequest("mini-gpt", "en")
VECTORS = EmbeddingRequest("mini-xlmr-sentencepiece", ())


def test_pieces_hold_every_text_once_and_in_order():
    pieces = pieces_of([str(at) for at in range(7)], 3)
    assert [one.start for one in pieces] == [0, 3, 6]
    assert [text for one in pieces for text in one.texts] == [str(at) for at in range(7)]


def test_cards_of_parts_are_the_cards_of_the_whole(monkeypatch):
    monkeypatch.setattr(head_cards, "TWICE", 5)
    texts = sentences("en")[:24]
    whole = head_cards.made(CARDS, texts, workers=1)
    parts = [head_cards.gathered(CARDS, one.texts, one.start, workers=1) for one in pieces_of(texts, 7)]
    parts = [unpacked(packed(one)) for one in parts]
    found = head_cards.carded(CARDS, parts)
    assert found.sentences == whole.sentences == 24 and found.own == whole.own
    assert found.texts.keys() == whole.texts.keys()
    for one, other in zip(found.kinds, whole.kinds, strict=True):
        assert one.counts == other.counts and one.compared == other.compared
        assert_same(one.maps, other.maps)
        for name in other.means:
            np.testing.assert_allclose(one.means[name], other.means[name], rtol=1e-6, atol=1e-9)
            np.testing.assert_allclose(one.spreads[name], other.spreads[name], rtol=1e-4, atol=1e-6)
        for name in other.edges:
            np.testing.assert_allclose(one.edges[name], other.edges[name], atol=1e-12)
        assert one.strongest == other.strongest and one.given == other.given and one.taking == other.taking


def test_texts_of_a_part_keep_their_places_and_those_without_a_vector_have_none():
    owners, values = embedded(VECTORS, Piece(100, ("A cat sleeps.", "", "Ein Hund bellt.")))
    assert owners.tolist() == [100, 102] and values.shape[0] == 2


def test_the_work_is_known_by_its_texts_and_its_question():
    one = place_of(VECTORS, ["a", "b"])
    assert (
        one == place_of(VECTORS, ["a", "b"]) and len({one, place_of(VECTORS, ["ab"]), place_of(CARDS, ["a", "b"])}) == 3
    )


def test_a_file_without_a_sentence_is_refused(tmp_path):
    (tmp_path / "empty.txt").write_text("\n \n")
    with pytest.raises(Refused, match="holds no sentence"):
        corpora.embed("mini-xlmr-sentencepiece", tmp_path / "empty.txt", tmp_path / "x.parquet", 1)


@pytest.mark.parametrize(
    ("said", "found"), [("4", (4, 4)), ("1-8", (1, 8)), ("0", None), ("8-1", None), ("many", None), ("-3", None)]
)
def test_numbers_of_replicas(said, found):
    if found is None:
        with pytest.raises(Refused, match="Write 4, or 1-8"):
            starting.replicas_in(said)
    else:
        assert starting.replicas_in(said) == found


def test_without_ray_it_is_said_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setattr(starting, "find_spec", lambda name: None)
    assert starting.main([]) == 1 and "python run.py cluster, which installs it" in capsys.readouterr().err


def test_an_address_of_others_closes_what_is_closed_to_visitors(monkeypatch, tmp_path):
    monkeypatch.setenv("GAZE_FOLDER", str(tmp_path))
    monkeypatch.delenv("GAZE_PUBLIC", raising=False)
    assert starting.surroundings("10.0.0.5")["GAZE_PUBLIC"] == "1"
    here = starting.surroundings("127.0.0.1")
    assert "GAZE_PUBLIC" not in here and here["RAY_USAGE_STATS_ENABLED"] == "0" and here["RAY_AUTH_MODE"] == "token"
    monkeypatch.setenv("GAZE_PUBLIC", "0")
    assert starting.surroundings("10.0.0.5")["GAZE_PUBLIC"] == "0"


def test_names_of_rays_sockets_are_short(monkeypatch):
    monkeypatch.setattr(starting.subprocess, "Popen", lambda *a, **k: None)
    node = starting.Node(starting.options().parse_args(["--host", "10.0.0.5"]))
    session = "r/session_2026-11-27_18-51-10_584714_4194304/sockets/plasma_store"
    assert len(f"{node.place}/{session}") < 107
    command = starting.node_command(starting.options().parse_args(["--join", "10.0.0.5", "--host", "10.0.0.6"]), "x")
    assert command[command.index("--address") + 1] == "10.0.0.5:6380" and "--head" not in command
