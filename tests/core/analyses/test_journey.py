"""A text's way through a model: tables, sums and guesses are those of transformers' own eager model."""

import numpy as np
import pytest
import torch
import transformers as hf

from core.engine import ask
from core.requests import JourneyRequest, TextRequest
from core.types import Refused
from tests.core.analyses.test_inside import TEXT, TRANSLATED, folders, hidden_states  # noqa: F401 - a fixture
from ui.components.journey.message import pack_parts, shades

pytestmark = pytest.mark.usefixtures("any_folder")
KINDS = [("bert", hf.BertModel, False), ("gpt2", hf.GPT2Model, True)]


def ids_of(folder):
    return hf.AutoTokenizer.from_pretrained(folder)(TEXT)["input_ids"]


@pytest.mark.parametrize(("name", "kind", "pre"), KINDS)
def test_vectors_and_positions_are_rows_of_the_models_own_tables(folders, name, kind, pre):  # noqa: F811
    (side,) = ask(JourneyRequest(TextRequest(str(folders[name]), TEXT))).sides
    model, ids = kind.from_pretrained(folders[name]), ids_of(folders[name])
    tables = dict(model.named_parameters())
    places = tables["wpe.weight" if pre else "embeddings.position_embeddings.weight"][: len(ids)].detach().numpy()
    if not pre:  # both stand in the one text of no pair
        places = places + tables["embeddings.token_type_embeddings.weight"][0].detach().numpy()
    np.testing.assert_allclose(side.vectors, model.get_input_embeddings().weight[ids].detach().numpy(), atol=1e-6)
    np.testing.assert_allclose(side.positions, places, atol=1e-6)
    assert side.pre_norm == pre and side.normed == (not pre)
    if pre:
        assert side.factor == pytest.approx(1)
        np.testing.assert_allclose(side.enters, side.vectors + side.positions, atol=1e-6)


@pytest.mark.parametrize(("name", "kind", "pre"), KINDS)
def test_every_layer_reads_and_hands_on_the_hidden_states_of_eager(folders, name, kind, pre):  # noqa: F811
    (side,) = ask(JourneyRequest(TextRequest(str(folders[name]), TEXT))).sides
    states = hidden_states(folders[name], kind)
    np.testing.assert_allclose(side.enters, states[0], atol=1e-5)
    last = len(side.layers) - 1
    for number, (attention, forward) in enumerate(side.layers):
        assert (attention.name, forward.name) == ("attention", "feed-forward")
        if pre:
            before = side.enters if number == 0 else side.layers[number - 1][-1].after
            np.testing.assert_allclose(attention.after, before + attention.adds, atol=1e-5)
            np.testing.assert_allclose(forward.after, attention.after + forward.adds, atol=1e-5)
        if not (pre and number == last):  # behind the last layer GPT-2 gives the norm of its stream
            np.testing.assert_allclose(forward.after, states[number + 1], atol=1e-5)


def test_a_model_with_rotary_positions_adds_none(folders):  # noqa: F811
    (side,) = ask(JourneyRequest(TextRequest(str(folders["llama"]), TEXT))).sides
    assert side.positions is None and not side.normed
    np.testing.assert_allclose(side.enters, side.vectors, atol=1e-6)


def test_a_translator_is_followed_through_both_stacks():
    found = ask(JourneyRequest(TRANSLATED))
    encoder, decoder = found.sides
    assert (encoder.side, decoder.side, found.says) == ("encoder", "decoder", "target token")
    assert [encoder.factor, decoder.factor] == pytest.approx([np.sqrt(192)] * 2, rel=1e-5) and not encoder.normed
    assert [part.name for part in decoder.layers[0]] == ["attention", "cross-attention", "feed-forward"]
    assert decoder.cross is not None and len(decoder.cross.keys) == len(encoder.tokens)
    written = " ".join(word for word, _ in found.guesses[-1])
    assert written == "Le chat no ir dort . </s>" and len(found.guesses) == 5


def test_the_question_is_about_the_mask_or_the_last_place():
    masked = ask(JourneyRequest(TextRequest("mini-bert-wordpiece", "The [MASK] chased the mouse.")))
    assert masked.sides[0].tokens[masked.asked].text == "[MASK]" and masked.says == "this token"
    begun = ask(JourneyRequest(TextRequest("mini-gpt", "The cat sat on")))
    assert begun.asked == 3 and begun.guesses[-1][3][0] == "the"


def test_a_bare_encoder_guesses_nothing_and_is_followed_all_the_same(tmp_path):
    from tests.checkpoints import saved, tiny_bert

    torch.manual_seed(0)
    found = ask(JourneyRequest(TextRequest(str(saved(tiny_bert().bert, tmp_path)), TEXT)))
    assert found.says == "" and found.guesses == () and not found.sides[0].tokens[found.asked].special


def test_too_long_a_text_is_refused_with_its_count():
    with pytest.raises(Refused, match="Shorten your text"):
        ask(JourneyRequest(TextRequest("mini-gpt", "the cat sat on the mat and " * 12)))


def test_shades_keep_sign_and_size_and_choose_evenly():
    values = np.linspace(-2, 2, 101)[None]
    found = shades(values, 1.0)[0]
    assert found.shape == (48,) and found[0] == 1 and found[-1] == 255
    np.testing.assert_array_equal(shades(np.array([[0.0, 0.5, -0.5]]), 1.0), [[128, 192, 64]])


def test_the_message_tells_lengths_and_what_is_kept_of_the_first_direction(folders):  # noqa: F811
    found = ask(JourneyRequest(TextRequest(str(folders["gpt2"]), TEXT)))
    header, arrays = pack_parts(found, {"height": 1})
    side = found.sides[0]
    assert header["height"] == 1 and header["sides"][0]["preNorm"] and header["sides"][0]["placed"]
    last = side.layers[-1][-1]
    assert arrays["addsLengths0"][-1, -1] == pytest.approx(np.sqrt((last.adds**2).sum(1)), rel=1e-5)
    wanted = [a @ b / np.sqrt((a @ a) * (b @ b)) for a, b in zip(side.enters, last.after, strict=True)]
    assert arrays["kept0"][-1] == pytest.approx(wanted, rel=1e-5)
    maps = (arrays["maps0"].astype(float) / 255) ** 2
    np.testing.assert_allclose(maps[1, 1:], side.attention.weights[1], atol=0.01)
    np.testing.assert_allclose(maps[1, 0], np.mean(side.attention.weights[1], axis=0), atol=0.01)
