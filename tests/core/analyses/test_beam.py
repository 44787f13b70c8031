"""Beam search: by pencil on a tree of four pieces, greedy at width 1, and transformers' own on the built-in models."""

import numpy as np
import pytest
import torch

from core.engine import ask
from core.measures.beams import path_to, search
from core.models.text import source_of
from core.requests import BeamRequest, ContinuationRequest, Sampling, TextRequest
from core.store.opening import open_model
from core.types import Refused

A, B, END = 0, 1, 2
#: Shares behind each beginning: the likeliest first piece leads to the less likely text.
SHARES = {(): [0.6, 0.4, 0.0], (A,): [0.5, 0.3, 0.2], (B,): [0.05, 0.05, 0.9], (A, A): [0.1, 0.1, 0.8]}


def expect(beginnings):
    with np.errstate(divide="ignore"):
        return np.log(np.array([SHARES.get(one, [0.2, 0.2, 0.6]) for one in beginnings]))


def test_two_beams_find_what_greedy_misses():
    nodes, ended = search(expect, {END}, 2, 3, 0.0)
    best = [nodes[i].id for i in path_to(nodes, ended[0][0])]
    assert best == [B, END] and ended[0][1] == pytest.approx(np.log(0.4 * 0.9)) and ended[0][2]
    nodes, ended = search(expect, {END}, 1, 3, 0.0)
    assert [nodes[i].id for i in path_to(nodes, ended[0][0])] == [A, A, END]
    assert ended[0][1] == pytest.approx(np.log(0.6 * 0.5 * 0.8))


def test_a_text_that_ends_below_the_best_is_neither_finished_nor_alive():
    other_end = 3

    def first_ends(beginnings):
        first = [0.3, 0.1, 0.4, 0.2]  # of A, B, END and the other end
        return np.log(np.array([[0.1, 0.1, 0.5, 0.3] if one else first for one in beginnings]))

    nodes, _ = search(first_ends, {END, other_end}, 2, 2)
    assert [node.id for node in nodes if node.step == 0] == [END, A, B]
    assert all(nodes[node.parent].id in (A, B) for node in nodes if node.step == 1)


def test_the_length_penalty_divides_by_the_length():
    _, ended = search(expect, {END}, 2, 3, 1.0)
    assert ended[0][1] == pytest.approx(max(np.log(0.36) / 2, np.log(0.24) / 3))


@pytest.mark.parametrize("model", ["translator", "mini-gpt"])
@pytest.mark.parametrize("width", [1, 2, pytest.param(4, marks=pytest.mark.slow)])
@pytest.mark.parametrize("penalty", [0.0, 1.0, 1.8])
def test_texts_and_scores_are_those_of_transformers(model, width, penalty):
    opened = open_model(model)
    for text in ("The black cat sleeps on the old chair.", "Where is the station?", "I have never"):
        request = TextRequest(model, text, language="fr" if model == "translator" else "")
        found = ask(BeamRequest(request, width, 10, penalty))
        inputs = source_of(request, opened, text).inputs if model == "translator" else opened.tokenizer(
            text, return_tensors="pt"
        )  # fmt: skip
        more = {"num_beams": width, "num_return_sequences": width, "length_penalty": penalty, "early_stopping": False}
        out = opened.model.generate(
            **inputs, **more, max_new_tokens=10, do_sample=False, pad_token_id=0, return_dict_in_generate=True,
            output_scores=True,
        )  # fmt: skip
        first = 1 if model == "translator" else inputs["input_ids"].shape[1]
        theirs = [row[first:].tolist() for row in out.sequences]
        assert [list(one.ids) for one in found.hypotheses] == [
            row[: len(one.ids)] for one, row in zip(found.hypotheses, theirs, strict=True)
        ]
        if width > 1:
            assert [one.score for one in found.hypotheses] == pytest.approx(out.sequences_scores.tolist(), abs=1e-4)


def test_one_beam_is_greedy():
    request = TextRequest("mini-gpt", "The old man")
    best = ask(BeamRequest(request, 1, 12)).hypotheses[0]
    assert best.ids == ask(ContinuationRequest(request, Sampling(), 12)).ids


def test_each_hypothesis_has_its_own_attention_and_its_way_through_the_tree():
    found = ask(BeamRequest(TextRequest("translator", "The cat sleeps.", language="fr"), 3, 12))
    for one in found.hypotheses:
        assert [found.nodes[i].id for i in path_to(found.nodes, one.node)] == list(one.ids)
        assert one.attention.shape == (4, 6, len(one.ids), len(found.source))
        assert np.allclose(one.attention.sum(-1), 1, atol=1e-4)
        assert found.nodes[one.node].total == pytest.approx(one.score * len(one.ids), abs=1e-4)
    forced = ask(TextRequest("translator", "The cat sleeps.", language="fr"))
    assert np.allclose(found.hypotheses[0].attention, forced.attentions[2].weights, atol=1e-4)


def test_a_recurrent_translator_is_searched_too():
    opened, text = open_model("rnn-dot"), "The cat sleeps."
    best = ask(BeamRequest(TextRequest("rnn-dot", text), 1, 12)).hypotheses[0]
    ids = torch.tensor([opened.tokenizer(text)["input_ids"]])
    assert list(best.ids) == opened.model.translate(ids, 12)[0].tolist()


def test_a_model_that_writes_nothing_is_refused():
    with pytest.raises(Refused, match="writes no text"):
        ask(BeamRequest(TextRequest("mini-bert-wordpiece", "The cat")))
    with pytest.raises(Refused, match="choose from 1 to 8"):
        BeamRequest(TextRequest("mini-gpt", "The"), 9)
