"""The map of an embedding space: texts, vectors against plain forward passes, messages, files, and the page."""

import csv
import io
import itertools
import json
from collections import Counter

import numpy as np
import pytest
import torch

from core.analyses import embedding
from core.analyses.vectors import fitting
from core.data.numbers import as_csv
from core.data.tables import MOST_ROWS
from core.data.texts import TextSet, bank, parallel, read_table, script_of
from core.data.uploads import add_table
from core.engine import ask
from core.requests import EmbeddingRequest, OwnVectorsRequest, PlacesRequest, ProjectionRequest
from core.store.opening import open_model
from core.types import Refused, Stopped
from tests.checkpoints import saved, tiny_bert, tiny_gpt2, tiny_marian, tiny_vit
from ui.components.points.message import Frame, PointsSide, as_numbers, layer_at, metadata, tensors

TEXTS = ("the cat sat", "cat", "the dog sat on the mat", "")


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return str(saved(tiny_bert(), tmp_path_factory.mktemp("models") / "bert"))


def test_the_parallel_set_is_whole():
    texts = parallel()
    assert len(texts.texts) == len(set(texts.texts)) == 400
    assert Counter(texts.languages) == dict.fromkeys(texts.languages, 40) and len(set(texts.languages)) == 10
    assert set(Counter(texts.column("topic")).values()) == {80}
    assert Counter(texts.items) == dict.fromkeys(texts.items, 10)
    script = {"Hindi": "Devanagari", "Arabic": "Arabic", "Japanese": "Kana and Han", "Chinese": "Han"}
    for language, found in zip(texts.languages, texts.column("script"), strict=True):
        assert found == script.get(language, "Latin")


def test_the_bank_set_has_the_word_in_every_sentence():
    texts = bank()
    assert len(texts.texts) == 6 and all(" bank" in f" {text}".lower() for text in texts.texts)
    assert sorted(Counter(texts.column("sense")).values()) == [3, 3]


@pytest.mark.parametrize(
    ("text", "script"), [("Привет", "Cyrillic"), ("日本の", "Kana and Han"), ("日本", "Han"), ("12!", "no letters")]
)
def test_scripts(text, script):
    assert script_of(text) == script


def test_a_table_is_read_whatever_parts_its_cells():
    rows = [
        ("text", "language", "item", "note"),
        ('She said "no", twice', "en", "1", ""),
        ("Elle dit non", "fr", "1", "x"),
    ]
    for mark in (",", "\t", ";"):
        out = io.StringIO()
        csv.writer(out, delimiter=mark).writerows(rows)
        found = read_table(("\ufeff" + out.getvalue()).encode(), "my table")
        assert found.texts == ('She said "no", twice', "Elle dit non")
        assert found.languages == ("en", "fr") and found.items == ("1", "1")
        assert found.column("note") == ("(empty)", "x") and found.column("script") == ("Latin", "Latin")
    assert read_table(b"id,phrase\n1,the longest column\n2,is the text\n", "t").texts[0] == "the longest column"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "0 texts"),
        (b"text\none\n", "1 texts"),
        (b"text,topic\na,b\nc,d\nno comma here\n", "Line 4 .* 1 columns, the first line 2"),
        (b"text\ngood\n\xff\xfe\n", "Line 3 .* not UTF-8"),
        (b"text,text\na,b\nc,d\n", "two columns of the same title"),
        (b"text\n" + b"x\n" * (MOST_ROWS + 1), f"goes on at line {MOST_ROWS + 2}: up to 50,000"),
        (b"text,n\n" + b"a" * 2_001 + b",1\nb,2\n", "Line 2 holds a text of 2,001"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_its_line(content, says):
    with pytest.raises(Refused, match=says):
        read_table(content, "table.csv")


def test_fifty_thousand_rows_are_read():
    assert len(read_table(b"text\n" + b"x\n" * MOST_ROWS, "t").texts) == MOST_ROWS


def forward(text: str) -> tuple[np.ndarray, np.ndarray]:
    """[layer, piece, width] by a plain pass, and the rows of the embedding table."""
    ids = torch.tensor(
        [
            [
                ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", "on", "mat"].index(w)
                if w in ("the", "cat", "sat", "on", "mat")
                else 1
                for w in text.split()
            ]
        ]
    )
    model = tiny_bert().eval()
    with torch.inference_mode():
        out = model.bert(input_ids=ids, output_hidden_states=True).hidden_states
    return torch.stack(out)[:, 0].numpy(), model.get_input_embeddings().weight[ids[0]].detach().numpy()


def test_sentences_are_means_of_their_pieces_at_every_layer(bert):
    found = ask(EmbeddingRequest(bert, TEXTS))
    assert found.names == ("static", "input", "1", "2") and found.layers == (0, 1, 2, 3)
    assert found.labels == TEXTS[:3] and found.empty == 1 and list(found.owners) == [0, 1, 2]
    for i, text in enumerate(TEXTS[:3]):
        hidden, static = forward(text)
        assert np.allclose(found.values[0, i], static.mean(axis=0), atol=1e-5)
        assert np.allclose(found.values[1:, i], hidden.mean(axis=1), atol=1e-5)
    assert found.unknown.tolist() == pytest.approx([0, 0, 1 / 6, 0])


def test_words_and_pieces_and_one_word_alone(bert):
    words = ask(EmbeddingRequest(bert, TEXTS, "words"))
    assert words.labels == ("the", "cat", "sat", "cat", "the", "dog", "sat", "on", "the", "mat")
    hidden, _ = forward(TEXTS[2])
    assert np.allclose(words.values[1:, 6], hidden[:, 2], atol=1e-5)
    assert np.array_equal(ask(EmbeddingRequest(bert, TEXTS, "pieces")).values, words.values)
    only = ask(EmbeddingRequest(bert, TEXTS, "words", only="CAT"))
    assert only.labels == ("cat", "cat") and list(only.owners) == [0, 1]
    assert ask(EmbeddingRequest(bert, ("Cat!", "the cat"), "words", only="cAT")).labels == ("Cat", "cat")
    assert np.allclose(only.values[0, 0], only.values[0, 1])  # static: the same wherever it stands
    assert not np.allclose(only.values[3, 0], only.values[3, 1], atol=1e-3)
    with pytest.raises(Refused, match="None of these texts holds the word 'horse'"):
        ask(EmbeddingRequest(bert, TEXTS, "words", only="horse"))


@pytest.mark.parametrize("layer", [0, 1, 3])
def test_one_layer_alone_is_that_of_all(bert, layer):
    found = ask(EmbeddingRequest(bert, TEXTS, layer=layer))
    assert found.layers == (layer,)
    assert np.allclose(found.at(layer), ask(EmbeddingRequest(bert, TEXTS)).at(layer), atol=1e-6)


def test_words_of_bytes_are_written_once():
    found = ask(EmbeddingRequest("mini-xlmr-sentencepiece", ("جدي في المستشفى.", "Il coûte 3 €."), "words"))
    assert found.labels == ("جدي", "في", "المستشفى", "Il", "coûte", "3")


@pytest.mark.parametrize("make", [tiny_gpt2, tiny_marian])
def test_decoders_and_translators_read_too(make, tmp_path):
    folder = str(saved(make(), tmp_path / "model"))
    open_model(folder).tokenizer.pad_token = None  # as GPT-2's
    found = ask(EmbeddingRequest(folder, TEXTS))
    alone = ask(EmbeddingRequest(str(tmp_path / "model"), TEXTS[:1]))
    assert found.values.shape == (4, 3, 16)
    assert np.allclose(found.values[:, 0], alone.values[:, 0], atol=1e-5)  # padding changes nothing


def test_what_does_not_go_is_refused(bert, tmp_path):
    with pytest.raises(Refused, match="reads text"):
        ask(EmbeddingRequest(str(saved(tiny_vit(), tmp_path / "vit")), TEXTS))
    with pytest.raises(Refused, match="no layer 9"):
        ask(EmbeddingRequest(bert, TEXTS, layer=9))
    with pytest.raises(Refused, match="anything that the model reads"):
        ask(EmbeddingRequest(bert, ("", "\0")))
    with pytest.raises(Refused, match="more than 50,000 words"):
        ask(EmbeddingRequest(bert, ("the " * 30,) * 1_700, "words", layer=0))
    with pytest.raises(Stopped):
        ask(EmbeddingRequest(bert, ("never read before",)), cancelled=lambda: True)


def test_many_texts_keep_one_layer(bert):
    assert fitting(EmbeddingRequest(bert, TEXTS), 2).layer is None
    assert fitting(EmbeddingRequest(bert, ("cat",) * 1_000_001), 2).layer == 2


def test_layers_keep_their_axes_and_pca_is_there_at_once(bert):
    question = ProjectionRequest(EmbeddingRequest(bert, TEXTS))
    assert embedding.ready(question) == (0, 1, 2, 3)
    flat = embedding.flat(question.embedding, ())
    turned = [a.T @ b for a, b in itertools.pairwise(flat)]
    for one in turned:  # the best turn onto the layer before is none
        assert np.allclose(one, one.T, atol=1e-3) and np.linalg.eigvalsh(one).min() > -1e-3
    late = ProjectionRequest(question.embedding, "UMAP")
    assert embedding.ready(late) == () and embedding.wanted(late, 2) == (2, 0, 1, 3)


def test_scores_are_those_of_the_vectors_and_centring_takes_the_mean_away(bert):
    texts = TextSet(
        "t", ("the cat", "cat the", "sat on", "on sat"), (("language", ("a", "b", "a", "b")),), ("1", "1", "2", "2")
    )
    asked = EmbeddingRequest(bert, texts.texts)
    scores = embedding.scores(ProjectionRequest(asked), texts, 0)
    assert scores.retrieval == 1 and scores.chance == 0.5  # static: the same words, the same mean
    centre = embedding.centring(texts)
    values = embedding.prepared(asked, centre, 3)
    plain = embedding.vectors(asked).at(3)
    apart = plain / np.linalg.norm(plain, axis=1, keepdims=True)
    half = (apart[0] - apart[2]) / 2  # less the mean of the two of its language
    assert np.allclose(values[0], half / np.linalg.norm(half), atol=1e-4)
    with pytest.raises(Refused, match="no column 'language'"):
        embedding.centring(TextSet("t", texts.texts))


def test_the_closest_are_the_nearest_by_cosine(bert):
    asked = EmbeddingRequest(bert, TEXTS, "words")
    values = embedding.prepared(asked, (), 2)
    cosines = values @ values.T - 2 * np.eye(len(values))
    (near,) = embedding.closest(asked, (), 2, [5], 3)
    assert [i for i, _ in near] == np.argsort(-cosines[5])[:3].tolist()
    indices, told = embedding.neighbours(asked, (), 2)
    assert np.allclose(told[5, :3], [c for _, c in near], atol=1e-3) and set(indices[5, :2]) == {i for i, _ in near[:2]}


@pytest.mark.slow
def test_of_many_points_some_are_arranged_and_the_others_stand_among_their_nearest(monkeypatch):
    monkeypatch.setattr(embedding, "MOST_ARRANGED", 60)
    chance = np.random.RandomState(3)
    centres = np.eye(8, dtype=np.float32)[:2] * 5
    kinds = np.arange(200) % 2  # rows at even distances are all of one kind
    values = centres[kinds] + chance.normal(size=(200, 8)).astype(np.float32) * 0.3
    rows = [{"name": f"w{i}", "embedding": row.tolist()} for i, row in enumerate(values)]
    key = add_table([("t.jsonl", "\n".join(map(json.dumps, rows)).encode())])
    chosen = embedding.sample(200, 0)
    assert len(set(chosen.tolist())) == 60 and 15 < (chosen % 2).sum() < 45
    question = ProjectionRequest(OwnVectorsRequest(key, ("embedding",)), "UMAP")
    heard = []
    places = ask(PlacesRequest(question, 0), lambda *told: heard.append(told))
    assert places.shape == (200, 2) and np.isfinite(places).all()
    inside = [places[kinds == kind].std(axis=0).max() for kind in (0, 1)]
    apart = np.linalg.norm(places[kinds == 0].mean(axis=0) - places[kinds == 1].mean(axis=0))
    assert apart > 2 * max(inside)
    unit = values / np.linalg.norm(values, axis=1, keepdims=True)
    found = chance.normal(size=(60, 2)).astype(np.float32)
    one = next(i for i in range(200) if i not in chosen)
    cosines = unit[chosen] @ unit[one]
    near = np.argsort(-cosines)[:3]
    weights = 1 / (1.001 - cosines[near])
    wanted = (found[near] * weights[:, None]).sum(axis=0) / weights.sum()
    assert np.allclose(embedding.among(found, unit, chosen)[one], wanted, atol=1e-3)


def small(count: int = 3, labels: tuple[str, ...] | None = None) -> PointsSide:
    texts = labels or tuple(f"</script>\ttext {i}" for i in range(count))
    places = np.arange(2 * count, dtype=np.float32).reshape(count, 2)
    frame = Frame(1, "PCA", places, (("trust", "0.97", "why"),), np.zeros((count, 1), int), np.ones((count, 1)))
    columns = (("topic", tuple("ab"[i % 2] for i in range(count))),)
    return PointsSide("model", ("static", "input"), texts, texts, np.arange(count), columns, (frame,))


@pytest.mark.parametrize(("steps", "layers"), [(6, 6), (14, 6), (6, 14), (1, 1)])
def test_one_slider_leads_both_models_from_end_to_end(steps, layers):
    found = [layer_at(i, steps, layers) for i in range(steps)]
    assert found[0] == 0 and found == sorted(found)
    assert steps == 1 or found[-1] == layers - 1


def test_files_for_the_projector_and_for_spreadsheets():
    side = small(labels=("=1+1", "two\nlines", "tab\there"))
    numbers = np.array([[0.5, -1.25], [1e-7, 3], [2, 2]])
    assert np.allclose(np.loadtxt(io.BytesIO(tensors(numbers)), delimiter="\t"), numbers)
    lines = metadata(side).decode().splitlines()
    assert lines[0] == "label\ttext\ttopic" and lines[2] == "two lines\ttwo lines\tb" and len(lines) == 4
    assert all(line.count("\t") == 2 for line in lines)
    rows = list(csv.reader(io.StringIO(as_csv(as_numbers(side, side.frames[0])).decode("utf-8-sig"))))
    assert rows[0] == ["x", "y", "label", "text", "topic"] and rows[1][:3] == ["0.0", "1.0", "'=1+1"]
    assert rows[2][3] == "two\nlines"
