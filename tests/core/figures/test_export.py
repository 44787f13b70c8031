"""What is saved: tokens and weights of a table, cells and names of a printed map, the name of the file."""

import csv
import io

import numpy as np
import pytest

from core.figures.export import FORMS, MOST_LABELS, export, guarded, heatmap, label, overview, table
from core.requests import TextRequest
from core.types import Attention, Display, Encoding, Refused, Token

ROWS = tuple(Token(text, i, i) for i, text in enumerate(("the", "cat")))
COLUMNS = tuple(Token(text, i, i) for i, text in enumerate(("=a", "b,c", "d")))
WEIGHTS = np.array([[0.5, 0.25, 0.25], [0.125, 0.0, 0.875]])


def encoding(layers: int = 2, heads: int = 3) -> Encoding:
    tokens = tuple(Token(text, i, i) for i, text in enumerate(("the", "cat", "sat")))
    weights = np.random.default_rng(0).dirichlet(np.ones(3), (layers, heads, 3)).astype("f4")
    return Encoding(TextRequest("m", "x"), "My Model", tokens, (Attention("encoder", tokens, tokens, weights),))


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_table_has_a_row_a_query_and_a_column_a_key():
    assert cells(table(ROWS, COLUMNS, WEIGHTS)) == [
        ["query attends to key", "'=a (0)", "b,c (1)", "d (2)"],
        ["the (0)", "0.5", "0.25", "0.25"],
        ["cat (1)", "0.125", "0", "0.875"],
    ]
    assert cells(table(COLUMNS, ROWS, WEIGHTS.T))[2] == ["b,c (1)", "0.25", "0"]


@pytest.mark.parametrize(("text", "cell"), [("=1+1", "'=1+1"), ("@x", "'@x"), ("-", "'-"), ("a=b", "a=b"), ("", "")])
def test_no_cell_is_a_formula(text, cell):
    assert guarded(text) == cell


def test_a_printed_map_names_queries_down_and_keys_across():
    for rows, columns, weights in ((ROWS, COLUMNS, WEIGHTS), (COLUMNS, ROWS, WEIGHTS.T)):
        figure = heatmap("title", "note", rows, columns, weights)
        axes = figure.axes[0]
        mesh = axes.collections[0].get_array()
        assert np.asarray(mesh).reshape(weights.shape) == pytest.approx(weights[::-1])  # drawn upwards
        assert [one.get_text() for one in axes.get_yticklabels()] == [label(t, i) for i, t in enumerate(rows)][::-1]
        assert [one.get_text() for one in axes.get_xticklabels()] == [label(t, i) for i, t in enumerate(columns)]
        assert axes.collections[0].get_clim() == (0, pytest.approx(weights.max()))
        assert [one.get_text() for one in figure.texts] == ["title", "note"]


def test_a_map_too_large_to_name_is_refused():
    many = tuple(Token("x", 0, 0) for _ in range(MOST_LABELS + 1))
    with pytest.raises(Refused, match="513 tokens"):
        heatmap("t", "n", ROWS, many, np.ones((2, len(many))))


@pytest.mark.parametrize(("layers", "heads"), [(2, 3), (1, 2)])
def test_all_heads_stand_layer_under_layer_in_roots_from_0_to_1(layers, heads):
    maps = np.arange(layers * heads * 4).reshape(layers, heads, 2, 2) / (layers * heads * 4)
    axes = np.array(overview("t", "n", maps, [f"no. {i}" for i in range(layers)]).axes).reshape(layers, heads)
    for layer in range(layers):
        for head in range(heads):
            (image,) = axes[layer, head].images
            assert np.asarray(image.get_array()) == pytest.approx(maps[layer, head] ** 0.5)
            assert image.get_clim() == (0, 1)
    assert [one.get_title() for one in axes[0]] == [str(i + 1) for i in range(heads)]
    assert [one.get_ylabel() for one in axes[:, 0]] == [f"no. {i}" for i in range(layers)]


@pytest.mark.parametrize(("layer", "head", "name"), [(0, 2, "1.3"), (1, 0, "2.1")])
def test_a_saved_head_is_the_one_that_its_name_counts_from_one(layer, head, name):
    some = encoding()
    content, kind, file = export(some, some.attentions[0], Display(), layer, head, "csv", "detail")
    assert (kind, file) == ("text/csv", f"gaze-my-model-encoder-{name}.csv")
    values = np.array([row[1:] for row in cells(content)[1:]], float)
    assert values == pytest.approx(some.attentions[0].weights[layer, head], rel=1e-5)


def test_an_unknown_form_is_refused_with_the_known_ones():
    some = encoding()
    with pytest.raises(Refused, match=", ".join(FORMS)):
        export(some, some.attentions[0], Display(), 0, 0, "gif", "detail")
    content, kind, file = export(some, some.attentions[0], Display(), 1, 2, "svg", "overview")
    assert content.startswith(b"<?xml") and (kind, file) == ("image/svg+xml", "gaze-my-model-encoder-2.3-all.svg")
