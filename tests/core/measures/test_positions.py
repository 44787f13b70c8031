"""Positions against closed forms, pencils and transformers' own functions; shifted sentences against explicit ids."""

import math

import numpy as np
import pytest
import torch
import transformers as hf
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb
from transformers.models.t5.modeling_t5 import T5Attention

from core.analyses import position_schemes
from core.analyses.position_schemes import SCHEMES, PositionTable, SchemeSettings, scores, words_of
from core.engine import ask
from core.measures import positions
from core.requests import PositionsRequest, ShiftedTextRequest
from core.types import Refused
from tests.checkpoints import saved, tiny_bert, tiny_gpt2, tiny_marian, tiny_vit
from tests.tiny import tiny

SENTENCE = words_of("The cat sat on the mat.")


few = settings(max_examples=25, deadline=None)


widths = st.integers(1, 48).map(lambda pairs: 2 * pairs)


bases = st.floats(1.5, 1e6)


def test_the_first_numbers_with_a_pencil():
    expected = [[0, 1, 0, 1], [math.sin(1), math.cos(1), math.sin(0.01), math.cos(0.01)]]
    assert np.allclose(positions.sinusoidal(2, 4), expected, atol=1e-15)


@few
@given(st.integers(1, 40), widths, bases)
def test_every_row_has_the_same_length(n, d, base):
    table = positions.sinusoidal(n, d, base)
    assert table.shape == (n, d)
    assert np.allclose((table**2).sum(axis=1), d / 2)


@few
@given(widths, bases, st.integers(0, 500), st.integers(0, 500), st.integers(0, 60))
def test_the_product_of_two_positions_knows_their_distance_alone(d, base, p, other, k):
    def product(at):
        first, second = positions.sinusoidal_at(np.array([at, at + k]), d, base)
        return first @ second

    closed = np.cos(k * positions.frequencies(d, base)).sum()
    assert product(p) == pytest.approx(closed, abs=1e-8)
    assert product(other) == pytest.approx(closed, abs=1e-8)


@few
@given(widths, bases, st.integers(0, 40))
def test_one_matrix_shifts_all_positions(d, base, k):
    table = positions.sinusoidal(30 + k, d, base)
    assert np.allclose(table[:30] @ positions.shift_matrix(k, d, base), table[k:], atol=1e-10)


def test_wavelengths_grow_from_two_pi_geometrically():
    waves = positions.wavelengths(8, 10_000)
    assert np.allclose(waves, 2 * np.pi * np.array([1, 10, 100, 1000]))


@few
@given(widths, bases, st.integers(0, 300), st.integers(0, 300), st.integers(-50, 50), st.integers(0, 99))
def test_turned_dot_products_know_the_distance_alone(d, base, p, other, k, seed):
    query, key = np.random.default_rng(seed).standard_normal((2, 1, d))

    def product(at):
        return (positions.rope(query, [at], base) @ positions.rope(key, [at + k], base).T).item()

    assert product(p) == pytest.approx(product(other), abs=1e-8 * d)


def test_turning_is_what_llama_does_in_its_own_order():
    draw = np.random.default_rng(0)
    vectors = draw.standard_normal((7, 16))
    angle = torch.arange(7.0, dtype=torch.float64)[:, None] * 10_000 ** (-torch.arange(0, 16, 2) / 16.0).double()
    both = torch.cat([angle, angle], -1)[None]
    halves = torch.from_numpy(np.concatenate([vectors[:, 0::2], vectors[:, 1::2]], axis=1))[None, None]
    theirs = apply_rotary_pos_emb(halves, halves, both.cos(), both.sin())[0][0, 0].numpy()
    ours = positions.rope(vectors, np.arange(7))
    assert np.allclose(np.concatenate([ours[:, 0::2], ours[:, 1::2]], axis=1), theirs)


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize(("buckets", "most"), [(32, 128), (16, 64), (32, 256), (8, 20), (64, 512), (32, 100)])
def test_buckets_are_those_of_transformers(bidirectional, buckets, most):
    distance = np.arange(-700, 701)
    theirs = T5Attention._relative_position_bucket(torch.from_numpy(distance), bidirectional, buckets, most)
    assert np.array_equal(
        positions.t5_bucket(distance, bidirectional=bidirectional, buckets=buckets, most=most), theirs.numpy()
    )


def test_slopes_as_published():
    assert np.allclose(positions.alibi_slopes(8), [2.0**-h for h in range(1, 9)])
    assert np.allclose(positions.alibi_slopes(16), [2 ** (-h / 2) for h in range(1, 17)])
    between = [2**-0.5, 2**-1.5, 2**-2.5, 2**-3.5]
    assert np.allclose(positions.alibi_slopes(12), [*[2.0**-h for h in range(1, 9)], *between])
    assert np.allclose(positions.alibi_slopes(1), [2.0**-8])
    assert np.allclose(positions.alibi_slopes(3), [2.0**-4, 2.0**-8, 2.0**-2])


def test_alibi_with_a_pencil():
    assert np.allclose(positions.alibi(np.arange(3) + 70, 0.5), [[0, -0.5, -1], [-0.5, 0, -0.5], [-1, -0.5, 0]])


@few
@given(st.integers(1, 7), st.integers(1, 6), st.integers(0, 4), st.integers(0, 99))
def test_shaw_by_loops(n, d, most, seed):
    draw = np.random.default_rng(seed)
    queries, keys = draw.standard_normal((2, n, d))
    relative = draw.standard_normal((2 * most + 1, d))
    expected = [
        [queries[i] @ (keys[j] + relative[max(-most, min(most, j - i)) + most]) for j in range(n)] for i in range(n)
    ]
    assert np.allclose(positions.shaw(queries, keys, np.arange(n), relative), expected)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("k", [1, 8, 150])
def test_a_shift_changes_the_scores_of_tables_only(scheme, k):
    before, after = (scores(scheme, SENTENCE, start, SchemeSettings()) for start in (0, k))
    if SCHEMES[scheme].table:
        assert np.abs(after - before).max() > 0.05
    else:
        assert np.allclose(after, before, atol=1e-10)


def test_without_positions_equal_words_have_equal_scores():
    plain = scores("none", SENTENCE, 0, SchemeSettings())
    assert np.allclose(plain[0], plain[4])
    assert not np.allclose(
        scores("rope", SENTENCE, 0, SchemeSettings())[0], scores("rope", SENTENCE, 0, SchemeSettings())[4]
    )


def test_sinusoidal_scores_are_four_terms():
    setting = SchemeSettings(d=16, projected=False)
    x, p = position_schemes.vectors(SENTENCE, 16), positions.sinusoidal_at(np.arange(5, 12), 16)
    expected = (x @ x.T + x @ p.T + p @ x.T + p @ p.T) / 4
    assert np.allclose(scores("sinusoidal", SENTENCE, 5, setting), expected)


@pytest.mark.parametrize("scheme", ["alibi", "t5"])
def test_a_bias_is_added_to_the_plain_scores(scheme):
    setting = SchemeSettings(heads=12, head=9)
    added = scores(scheme, SENTENCE, 3, setting) - scores("none", SENTENCE, 3, setting)
    apart = np.arange(7)[None] - np.arange(7)[:, None]
    if scheme == "alibi":
        expected = -(2**-1.5) * np.abs(apart)
    else:
        expected = positions.t5_table(heads=12)[T5Attention._relative_position_bucket(torch.from_numpy(apart)), 9]
    assert np.allclose(added, expected)


def test_a_table_ends_where_it_ends():
    given = PositionTable("somebody", np.random.default_rng(0).standard_normal((20, 8)))
    assert scores("learned", SENTENCE, 13, SchemeSettings(), given).shape == (7, 7)
    with pytest.raises(Refused, match=r"somebody ends at position 19; your last word would stand at 20.*Shift by 13"):
        scores("learned", SENTENCE, 14, SchemeSettings(), given)


def test_the_grid_of_maps_puts_each_map_at_its_patch():
    matrix = np.arange(36.0).reshape(6, 6)  # 2 x 3 patches
    picture = positions.grid_of_maps(matrix, 2, 3)
    assert np.array_equal(picture[2:4, 3:6], matrix[4].reshape(2, 3))


def test_a_grid_tells_rows_from_columns():
    alike = positions.cosines(positions.grid_table(4, 5, 16)).reshape(4, 5, 4, 5)
    assert np.allclose(alike[1, 2, 1, 3], alike[3, 0, 3, 1])
    assert alike[1, 2, 1, 4] < alike[1, 2, 1, 3] < 1


def test_what_is_said_of_distances():
    matrix = np.array([[0.0, 1, 5], [2, 0, 1], [7, 2.5, 0]])
    offsets, least, mean, greatest = positions.by_distance(matrix)
    assert offsets.tolist() == [-2, -1, 0, 1, 2]
    assert (least[1], mean[1], greatest[1]) == (2, 2.25, 2.5)
    assert positions.toeplitz_error(matrix) == 0.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("n", [1, 2, 9])
def test_only_a_grid_is_no_matter_of_distance(scheme, n):
    matrix = position_schemes.product(scheme, n, SchemeSettings(d=8))
    assert matrix.shape == (n, n)
    assert scheme == "grid" or positions.toeplitz_error(matrix) < 1e-9


def test_rope_and_sinusoids_are_cosines_of_the_same_angles():
    assert np.allclose(
        position_schemes.product("rope", 20, SchemeSettings()),
        position_schemes.product("sinusoidal", 20, SchemeSettings()),
    )


@pytest.mark.parametrize(
    "nonsense",
    [
        lambda: positions.sinusoidal(3, 0),
        lambda: positions.sinusoidal(3, 1),
        lambda: positions.sinusoidal(0, 4),
        lambda: positions.sinusoidal(3, 4, 1.0),
        lambda: positions.sinusoidal(3, 4, math.inf),
        lambda: positions.sinusoidal(3, 4, math.nan),
        lambda: positions.grid_table(2, 2, 6),
        lambda: positions.alibi_slopes(0),
        lambda: positions.clipped(np.arange(3), -1),
        lambda: words_of(" \n"),
        lambda: words_of("word " * 25),
        lambda: scores("rope", SENTENCE, -1, SchemeSettings()),
        lambda: scores("alibi", SENTENCE, 0, SchemeSettings(heads=4, head=4)),
        lambda: scores("grid", SENTENCE, 190, SchemeSettings()),
    ],
)
def test_nonsense_is_refused_with_a_sentence(nonsense):
    with pytest.raises(Refused, match=r"\.$"):
        nonsense()


def test_words_of_every_script():
    assert words_of("我 love ירושלים, नमस्ते!") == ("我", "love", "ירושלים", ",", "नमस्ते", "!")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A tiny checkpoint of each way to know positions."""
    words = {"vocab_size": 10, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    small = {"intermediate_size": 20, "max_position_embeddings": 34}
    torch.manual_seed(0)
    made = {
        "bert": tiny_bert(),
        "gpt2": tiny_gpt2(),
        "marian": tiny_marian(),
        "vit": tiny_vit(),
        # Its positions begin behind that of its padding, which the tiny tokenizer has at 0.
        "xlmr": hf.XLMRobertaForMaskedLM(hf.XLMRobertaConfig(**words, **small, pad_token_id=0)),
        "t5": tiny("t5"),
        "llama": hf.LlamaForCausalLM(hf.LlamaConfig(**words, intermediate_size=20)),
    }
    place = tmp_path_factory.mktemp("models")
    with torch.no_grad():
        for model in made.values():  # far enough from zero that positions matter
            for name, weight in model.named_parameters():
                if weight.dim() > 1 and "embed_positions" not in name:
                    weight.normal_(0, 0.4)
    return {name: (str(saved(model, place / name)), model) for name, model in made.items()}


@pytest.mark.parametrize(
    ("name", "kind", "weight"),
    [
        ("bert", "learned", lambda m: m.bert.embeddings.position_embeddings.weight),
        ("gpt2", "learned", lambda m: m.transformer.wpe.weight),
        ("xlmr", "learned", lambda m: m.roberta.embeddings.position_embeddings.weight[1:]),
        ("marian", "fixed", lambda m: m.model.encoder.embed_positions.weight),
        ("vit", "grid", lambda m: m.vit.embeddings.position_embeddings[0, 1:]),
        ("t5", "relative", lambda m: m.encoder.block[0].layer[0].SelfAttention.relative_attention_bias.weight),
    ],
)
def test_tables_are_read_as_they_are(folders, name, kind, weight):
    folder, model = folders[name]
    known = ask(PositionsRequest(folder))
    assert known.kind == kind
    assert np.array_equal(known.table, weight(model).detach().numpy())
    assert kind != "grid" or known.grid == (2, 2)


def test_marian_s_table_is_sinusoids_in_halves(folders):
    table, ours = ask(PositionsRequest(folders["marian"][0])).table, positions.sinusoidal(32, 16)
    assert np.allclose(table, np.concatenate([ours[:, 0::2], ours[:, 1::2]], axis=1), atol=1e-6)


def test_a_model_without_a_table_says_what_it_has(folders):
    with pytest.raises(Refused, match="RoPE"):
        ask(PositionsRequest(folders["llama"][0]))


@pytest.mark.parametrize(("name", "first"), [("bert", 0), ("gpt2", 0), ("xlmr", 1)])
def test_a_shifted_sentence_is_one_with_other_position_ids(folders, name, first):
    folder, model = folders[name]
    found = ask(ShiftedTextRequest(folder, "the cat sat", 5))
    count = len(found.tokens)
    ids = torch.tensor([[t.id for t in found.tokens]])
    model.set_attn_implementation("eager")
    for at, maps in ((0, found.before), (5, found.after)):
        with torch.inference_mode():
            places = torch.arange(first + at, first + at + count)[None]
            out = model.eval()(ids, position_ids=places, output_attentions=True)
        assert np.allclose(maps, torch.stack(out.attentions)[:, 0].numpy(), atol=1e-5)


@pytest.mark.parametrize("name", ["t5", "llama"])
def test_models_that_know_distances_alone_mind_no_shift(folders, name):
    found = ask(ShiftedTextRequest(folders[name][0], "the cat sat on the mat", 7))
    assert np.allclose(found.after.sum(-1), 1, atol=1e-5)
    assert np.allclose(found.after, found.before, atol=1e-5)


def test_the_translator_writes_something_else_when_its_sentence_begins_late():
    here, there = (ask(ShiftedTextRequest("translator", "The cat sat on the mat.", k)) for k in (0, 8))
    assert here.output == (here.output[0],) * 2
    assert np.array_equal(here.before, here.after)
    assert there.output[0] == here.output[0]
    assert np.abs(there.after - there.before).max() > 0.1


def test_a_model_that_reads_no_text_is_refused(folders):
    with pytest.raises(Refused, match="reads no text"):
        ask(ShiftedTextRequest(folders["vit"][0], "the cat", 1))


def test_a_shift_past_the_last_position_is_refused(folders):
    count = len(ask(ShiftedTextRequest(folders["bert"][0], "the cat", 0)).tokens)
    ask(ShiftedTextRequest(folders["bert"][0], "the cat", 32 - count))
    with pytest.raises(Refused, match=rf"positions 0 to 31. Shift by {32 - count} at most"):
        ask(ShiftedTextRequest(folders["bert"][0], "the cat", 33 - count))
