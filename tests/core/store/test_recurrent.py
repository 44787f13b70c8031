"""The recurrent translator: its four scores by other means, padding, edits, and how it is opened and asked."""

import math

import numpy as np
import pytest
import torch

from core.figures.bertviz import page
from core.models.text import encode, inner
from core.requests import Edit, TextRequest
from core.store.opening import open_model
from core.store.recurrent import SCORES, Recurrent, RecurrentConfig
from core.types import Refused
from tests.checkpoints import WORDS, tiny_tokenizer

pytestmark = pytest.mark.usefixtures("any_folder")


def tiny(score: str) -> Recurrent:
    torch.manual_seed(3)
    config = RecurrentConfig(len(WORDS), embedding=8, width=12, score=score, eos_token_id=3, decoder_start_token_id=0)
    model = Recurrent(config).eval()
    for parameter in model.parameters():  # larger than at the start of training, so that differences show
        torch.nn.init.normal_(parameter, std=0.4)
    return model


@pytest.fixture(params=SCORES)
def model(request):
    return tiny(request.param)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("recurrent")
    tiny("general").save_pretrained(place)
    tiny_tokenizer().save_pretrained(place)
    return str(place)


def by_pencil(score: torch.nn.Module, q: np.ndarray, k: np.ndarray) -> float:
    """One score of two vectors, written out from the papers' formulas."""
    weights = {name: p.detach().numpy() for name, p in score.named_parameters()}
    if score.kind == "additive":
        return float(weights["vector.weight"][0] @ np.tanh(weights["query.weight"] @ q + weights["key.weight"] @ k))
    if score.kind == "general":
        return float(q @ (weights["key.weight"] @ k))
    return float(q @ k) / (math.sqrt(len(q)) if score.kind == "scaled-dot" else 1)


def test_every_score_is_its_formula(model):
    queries, keys = torch.randn(2, 3, 12), torch.randn(2, 4, 12)
    found = model.score(queries, keys).detach().numpy()
    for b, t, s in np.ndindex(2, 3, 4):
        assert found[b, t, s] == pytest.approx(
            by_pencil(model.score, queries[b, t].numpy(), keys[b, s].numpy()), abs=1e-5
        )


def test_attention_makes_the_context_and_rows_sum_to_one(model):
    ids, target = torch.tensor([[5, 6, 7, 3]]), torch.tensor([[0, 5, 8]])
    out = model(ids, target)
    assert torch.allclose(out.attention.sum(-1), torch.ones(1, 3), atol=1e-6)
    states, state = model.read(ids)
    queries, _ = model.decoder(model.embedding(target), state)
    context = torch.einsum("bts,bsw->btw", out.attention, states)
    assert torch.allclose(out.hidden, torch.tanh(model.join(torch.cat([queries, context], -1))), atol=1e-6)


def test_padding_changes_nothing(model):
    short, long = torch.tensor([[5, 6, 3]]), torch.tensor([[7, 8, 9, 5, 6, 3]])
    target = torch.tensor([[0, 5]])
    batch = torch.zeros(2, 6, dtype=torch.long)
    batch[0, :3], batch[1] = short, long
    alone, together = model(short, target), model(batch, target.repeat(2, 1))
    assert torch.allclose(alone.attention[0], together.attention[0, :, :3], atol=1e-6)
    assert torch.equal(together.attention[0, :, 3:], torch.zeros(2, 3))
    assert torch.allclose(alone.hidden[0], together.hidden[0], atol=1e-6)


def test_what_it_writes_step_by_step_is_what_it_expects_in_one_pass(model):
    ids = torch.tensor([[5, 6, 7, 8, 3], [9, 5, 3, 0, 0]])
    written = model.translate(ids, most=7)
    shifted = torch.cat([torch.zeros(2, 1, dtype=torch.long), written[:, :-1]], dim=1)
    expected = model.logits(model(ids, shifted).hidden).argmax(-1)
    for row, wanted in zip(written.tolist(), expected.tolist(), strict=True):
        length = row.index(3) + 1 if 3 in row else len(row)
        assert row[:length] == wanted[:length]
        assert set(row[length:]) <= {0}


def test_a_checkpoint_folder_is_opened_and_asked(folder):
    opened = open_model(folder)
    assert opened.card.family == "recurrent"
    encoding = encode(TextRequest(folder, "the cat sat", target="on the mat"))
    (cross,) = encoding.attentions
    assert cross.kind == "cross"
    assert [t.text for t in cross.keys] == ["the", "cat", "sat"]
    assert [t.text for t in cross.queries] == ["on", "the", "mat"]
    ids = torch.tensor([[5, 6, 7]])
    wanted = opened.model(ids, torch.tensor([[0, 8, 5]])).attention
    assert np.allclose(cross.weights[0, 0], wanted[0].numpy(), atol=1e-6)
    assert len(encoding.predictions) == 3
    assert encode(TextRequest(folder, "the cat")).attentions[0].weights.shape[3] == 2


def test_edits_reach_it_and_others_are_refused(folder):
    request = TextRequest(folder, "the cat sat", target="on the mat")
    plain = encode(request).attentions[0].weights[0, 0]

    def edited(**fields) -> np.ndarray:
        return encode(TextRequest(folder, "the cat sat", target="on the mat", edit=Edit(**fields)))

    warm = edited(temperature=2.0).attentions[0].weights[0, 0]
    wanted = np.sqrt(plain) / np.sqrt(plain).sum(-1, keepdims=True)  # softmax of half the scores
    assert np.allclose(warm, wanted, atol=1e-6)
    off = edited(heads_off=(("cross", 0, 0),))
    assert np.allclose(off.attentions[0].weights[0, 0], plain, atol=1e-6)
    assert off.predictions[0].choices != encode(request).predictions[0].choices
    with pytest.raises(Refused, match="no mask"):
        edited(mask="causal")
    with pytest.raises(Refused, match=r"no cross 2\.1"):
        edited(heads_off=(("cross", 1, 0),))


def test_without_self_attention_there_is_no_neuron_view(folder):
    request = TextRequest(folder, "the cat sat", target="on the mat")
    with pytest.raises(Refused, match="no queries and keys"):
        inner(request, [0])
    html = page(encode(request), "head view", [0])
    assert '"left_text": ["on", "the", "mat"]' in html


@pytest.mark.parametrize("sizes", [{"score": "cosine"}, {"width": 7}])
def test_sizes_that_cannot_be_are_refused(sizes):
    with pytest.raises(ValueError, match=r"cosine|even"):
        RecurrentConfig(**sizes)
