"""Inside one head: what is read from models equals what they computed; the board; the page and nonsense."""

import threading

import numpy as np
import pytest
import torch
import transformers as hf
from hypothesis import given, settings
from hypothesis import strategies as st

from core.analyses.inside import by_hand, heads_of
from core.cache import ANSWERS
from core.engine import ask
from core.measures.inside import lengths
from core.requests import HeadRequest, StreamRequest, TextRequest
from core.types import Refused
from tests.checkpoints import WORDS, saved, tiny_bert, tiny_gpt2
from tests.drawn import unpacked
from ui.components.grid.message import Grid, Rule, Step, edited_value, grid_payload
from ui.views.inside.boards import hand_board
from ui.views.inside.model_board import model_board
from ui.views.inside.steps import Hand, read_edits, words_of, write_edits

pytestmark = pytest.mark.usefixtures("any_folder")

TEXT = "the cat sat on the mat"


TRANSLATED = TextRequest("translator", "The black cat sleeps.", language="fr")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Tiny checkpoints by family, with weights large enough that attention is far from even."""
    small = {"vocab_size": len(WORDS), "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    models = {
        "bert": tiny_bert(),
        "gpt2": tiny_gpt2(),
        "distilbert": hf.DistilBertForMaskedLM(
            hf.DistilBertConfig(vocab_size=len(WORDS), dim=16, n_layers=2, n_heads=2, hidden_dim=24)
        ),
        "llama": hf.LlamaForCausalLM(hf.LlamaConfig(**small, num_key_value_heads=1, intermediate_size=24)),
    }
    found = {}
    for name, model in models.items():
        torch.manual_seed(1)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.25)
        found[name] = saved(model, tmp_path_factory.mktemp(name))
    return found


def hidden_states(folder, kind):
    """What transformers' own eager model has between its layers: [layer + 1][token, width]."""
    model = kind.from_pretrained(folder, attn_implementation="eager").eval()
    ids = torch.tensor([hf.AutoTokenizer.from_pretrained(folder)(TEXT)["input_ids"]])
    with torch.no_grad():
        return [one[0].numpy() for one in model(ids, output_hidden_states=True).hidden_states]


def every_head(request):
    for kind, (layers, heads) in heads_of(request).items():
        for layer in range(layers):
            for head in range(heads):
                yield HeadRequest(request, kind, layer, head)


@pytest.mark.parametrize("name", ["bert", "gpt2", "distilbert", "llama"])
def test_by_hand_equals_the_captured_map_of_every_head(folders, name):
    for request in every_head(TextRequest(str(folders[name]), TEXT)):
        found = ask(request)
        one = by_hand(found)
        assert np.abs(one.weights - found.weights).max() < 1e-5
        assert np.abs(one.query - found.query).max() < 1e-5
        assert (found.x is None) == (name == "llama")  # it turns queries by their position
        first = request.head * one.value.shape[1]
        np.testing.assert_allclose(found.joined[:, first : first + one.value.shape[1]], one.output, atol=1e-5)
        assert found.to_output is not None


def test_by_hand_equals_the_built_in_translator():
    count = 0
    for request in every_head(TRANSLATED):
        found = ask(request)
        assert np.abs(by_hand(found).weights - found.weights).max() < 1e-5
        assert found.x is not None and found.to_output is not None
        count += 1
    assert count == 3 * 4 * 6


@pytest.mark.parametrize(("name", "kind", "pre"), [("bert", hf.BertModel, False), ("gpt2", hf.GPT2Model, True)])
def test_x_and_the_stream_are_those_of_eager(folders, name, kind, pre):
    request = TextRequest(str(folders[name]), TEXT)
    states = hidden_states(folders[name], kind)
    ((sizes, norms_before),) = ask(StreamRequest(request)).values()
    assert norms_before == pre
    wanted = [lengths(one.astype(float)) for one in states[:-1]]
    np.testing.assert_allclose(sizes.before[::2], wanted, rtol=1e-5)
    if not pre:  # attention reads the stream itself
        layer_two = ask(HeadRequest(request, "encoder", 1, 0))
        np.testing.assert_allclose(layer_two.x, states[1], atol=1e-5)


def test_the_translator_has_two_streams():
    sides = ask(StreamRequest(TRANSLATED))
    assert {side: len(sizes.update) for side, (sizes, _) in sides.items()} == {"encoder": 8, "decoder": 12}
    assert sides["decoder"][0].names[:3] == ("attention", "cross-attention", "feed-forward")
    assert not any(pre for _, pre in sides.values())


def test_two_threads_read_two_texts(folders):
    texts, found = [TEXT, "the mat sat"], {}
    ANSWERS.clear()

    def read(text):
        found[text] = ask(HeadRequest(TextRequest(str(folders["bert"]), text), "encoder", 1, 1))

    threads = [threading.Thread(target=read, args=(text,)) for text in texts]
    [one.start() for one in threads]
    [one.join() for one in threads]
    for text in texts:
        assert len(found[text].queries) == len(text.split())
        assert np.abs(by_hand(found[text]).weights - found[text].weights).max() < 1e-5


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"head": 2}, "no head 1.3"),
        ({"layer": 2}, "no head 3.1"),
        ({"layer": -1}, "layer of 1 to 2"),
        ({"kind": "cross"}, "no cross"),
        ({"text": " "}, "no text"),
        ({"text": "cat " * 31}, None),
        ({"text": "cat " * 33}, "reads up to 32"),
    ],
)
def test_what_a_model_cannot_show(folders, change, says):
    fields = {"kind": "encoder", "layer": 0, "head": 0, "text": TEXT} | change
    fields["text"] = TextRequest(str(folders["bert"]), fields["text"])
    if says is None:
        assert ask(HeadRequest(**fields)).weights.shape == (31, 31)
        return
    with pytest.raises(Refused, match=says):
        ask(HeadRequest(**fields))


def test_a_text_with_more_tokens_than_there_is_room_for():
    with pytest.raises(Refused, match="room for 64"):
        ask(HeadRequest(TextRequest("translator", "cat " * 70, language="fr"), "encoder", 0, 0))


def obeys(rule, grids):
    """Whether a result is what its rule says."""
    of = [grids[name].astype(float) for name in rule["of"]]
    made = {
        "product": lambda: of[0] @ of[1] + (of[2] if len(of) > 2 else 0),
        "scale": lambda: of[0] / rule["by"],
        "add": lambda: of[0] + of[1],
        "softmax": lambda: np.array([np.exp(r - r.max()) / np.exp(r - r.max()).sum() for r in of[0]]),
        "copy": lambda: np.concatenate(of, axis=1),
    }[rule["kind"]]()
    return np.allclose(made, grids[rule["result"]], atol=2e-4, equal_nan=True)


@pytest.mark.parametrize("heads", [1, 2, 8])
def test_every_sum_on_the_board_by_hand_holds(heads):
    hand = Hand(words_of("The cat sat on the mat."), heads, "causal", True, (("W_Q", 0, 0, 5.0),))
    header, grids = unpacked(hand_board(hand, heads - 1, 4))
    rules = [step["rule"] for step in header["steps"] if step["rule"]]
    assert len(rules) == 10 and all(obeys(rule, grids) for rule in rules)
    assert all(name in grids or len(name) == 1 for step in header["steps"] for name in step["shown"])
    assert grids["W_Q"][0, 0] == 5


@pytest.mark.parametrize("kind", ["encoder", "decoder", "cross"])
def test_every_sum_on_the_board_of_a_model_holds(kind):
    header, grids = unpacked(model_board(HeadRequest(TRANSLATED, kind, 2, 3), 0))
    rules = [step["rule"] for step in header["steps"] if step["rule"]]
    assert len(rules) == 9 and all(obeys(rule, grids) for rule in rules)


def test_what_the_heads_add_is_what_the_layer_adds():
    """The last step of all heads together, and the bias, is as long as the update that the stream got."""
    requests = [HeadRequest(TRANSLATED, "encoder", 2, head) for head in range(6)]
    total = sum(unpacked(model_board(request, 0))[1]["Z"].astype(float) for request in requests)
    added = lengths(total + ask(requests[0]).to_output.bias)
    assert added == pytest.approx(ask(StreamRequest(TRANSLATED))["encoder"][0].update[2 * 2], rel=1e-4)


def test_a_model_that_turns_its_queries_begins_with_them(folders):
    header, grids = unpacked(model_board(HeadRequest(TextRequest(str(folders["llama"]), TEXT), "decoder", 0, 1), 0))
    assert header["steps"][0]["shown"] == ["Q", "K", "V"] and "X" not in grids


def test_a_board_is_bounded_and_checked():
    with pytest.raises(Refused, match="do not fit"):
        many = tuple(map(str, range(1000)))
        grid_payload((Grid("A", np.zeros((1000, 1000)), many, many),))
    with pytest.raises(ValueError, match="2 rows"):
        Grid("A", np.zeros((1, 1)), ("a", "b"), ("c",))
    header, grids = unpacked(
        grid_payload((Grid("M", np.array([[0, -np.inf]]), ("</script>",), ("猫", "قط"), "", "signed"),))
    )
    assert header["grids"][0]["rows"] == ["</script>"] and np.isneginf(grids["M"][0, 1])
    assert header["steps"][0]["shown"] == ["M"]
    assert Step("", "", "", (), Rule("add", ("a", "b"), "c")).rule.by == 1


@pytest.mark.parametrize("value", ["x", "1", float("nan"), float("inf"), 2e6, [1]])
def test_an_edit_that_is_no_number(value):
    with pytest.raises(Refused, match="no number"):
        edited_value({"value": value})


def test_an_edit_that_hides():
    assert edited_value({"value": None}) == -np.inf and edited_value({"value": -2}) == -2


names = st.sampled_from(["X", "W_Q", "W_O", "M"])


numbers = st.floats(-999, 999).map(lambda x: float(f"{x:.3g}"))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(names, st.integers(0, 7), st.integers(0, 7), numbers), max_size=6, unique_by=lambda e: e[:3]))
def test_edits_survive_the_address(edits):
    assert read_edits(write_edits(tuple(edits))) == tuple(edits)


@pytest.mark.parametrize(
    "text",
    ["", "X", "Y.1.1=2", "X.1=2", "X.1.1=two", "X.1.1=1e999", "X.-1.1=2", "<b>.1.1=1", "X.1.1=-inf", "X.1.1=+-1"],
)
def test_nonsense_in_the_address_is_no_edit(text):
    assert read_edits(text) == ()


def found(block):
    yield block
    for child in getattr(block, "children", {}).values():
        yield from found(child)
