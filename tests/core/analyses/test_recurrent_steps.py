"""The diagram of a recurrent translator: its numbers are the model's, and the four scores those of a pencil."""

import numpy as np
import pytest
import torch

from core.engine import ask
from core.requests import RecurrentStepsRequest, TextRequest
from core.store.opening import open_model
from core.store.recurrent import Score
from core.types import Refused

TEXT = "The black cat sleeps."
QUERY = torch.tensor([[[1.0, 2.0], [0.0, -1.0]]])  # [1, 2 targets, 2]
KEYS = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]]])  # [1, 3 sources, 2]


def test_the_four_scores_by_pencil():
    assert Score("dot", 2)(QUERY, KEYS)[0].tolist() == [[1, 2, 0], [0, -1, 1]]
    assert np.allclose(Score("scaled-dot", 2)(QUERY, KEYS)[0], np.array([[1, 2, 0], [0, -1, 1]]) / np.sqrt(2))
    with torch.inference_mode():
        general = Score("general", 2)
        general.key.weight.copy_(torch.tensor([[1.0, 2.0], [0.0, 3.0]]))  # W e: [1, 0], [2, 3], [0, -3]
        assert general(QUERY, KEYS)[0].tolist() == [[1, 8, -6], [0, -3, 3]]
        additive = Score("additive", 2)
        additive.query.weight.copy_(torch.tensor([[1.0, -1.0]]))  # W h: -1, 1
        additive.key.weight.copy_(torch.tensor([[2.0, 1.0]]))  # U e: 2, 1, 3
        additive.vector.weight.copy_(torch.tensor([[3.0]]))
        wanted = 3 * np.tanh([[1, 0, 2], [3, 2, 4]])
        assert np.allclose(additive(QUERY, KEYS)[0], wanted, atol=1e-6)


@pytest.mark.parametrize("model", ["rnn-additive", "rnn-dot", "rnn-general", "rnn-scaled-dot"])
def test_the_diagrams_numbers_are_the_models(model):
    request = TextRequest(model, TEXT)
    found, encoding, opened = ask(RecurrentStepsRequest(request)), ask(request), open_model(model)
    assert found.target == encoding.attentions[0].queries and found.source == encoding.tokens
    assert np.allclose(found.weights, encoding.attentions[0].weights[0, 0], atol=1e-5)
    with torch.inference_mode():
        wanted = opened.model.score(torch.tensor(found.queries)[None], torch.tensor(found.keys)[None])[0]
        assert np.allclose(found.scores, wanted, atol=1e-3, rtol=1e-4)
        # What follows from the contexts is what the model says next.
        both = torch.cat([torch.tensor(found.queries), torch.tensor(found.contexts)], dim=-1)
        said = opened.model.logits(torch.tanh(opened.model.join(both))).argmax(-1).tolist()
    assert said == [token.id for token in found.target]
    width = opened.model.config.width
    assert found.energy.shape == (len(found.target), len(found.source), width // 2 if "additive" in model else width)
    wanted = {"rnn-additive": width * width + width // 2, "rnn-general": width * width}
    assert found.parameters == wanted.get(model, 0)


def test_a_target_is_followed_and_another_model_is_refused():
    found = ask(RecurrentStepsRequest(TextRequest("rnn-dot", TEXT, target="Le chat.")))
    assert "".join(token.text for token in found.target).startswith("Lechat")
    with pytest.raises(Refused, match="no recurrent translator"):
        ask(RecurrentStepsRequest(TextRequest("translator", TEXT, language="fr")))
