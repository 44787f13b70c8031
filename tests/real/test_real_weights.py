"""Real published checkpoints: maps equal the eager class's, links equal simalign's, and each is read as it was made."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer

from core import AlignmentRequest, TextRequest, argmax, ask, error_rate, open_model
from core.data.pairs import lesson
from core.requests import AlignmentReader, Pair
from tests.real.checkpoints import E5, MINILM, MISSING, PLACE, SMOLLM, there

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not there(), reason=MISSING)]
TEN_SCRIPTS = (
    "The cat sat on the mat.", "Le café était fermé, hélas.", "Кошка сидит на окне.", "Η γάτα κοιμάται.",
    "القطة تجلس على السجادة.", "החתול יושב.", "बिल्ली चटाई पर बैठी है।", "แมวนั่งบนเสื่อ",
    "猫がマットに座った。",
    "고양이가 앉았다.",
)  # fmt: skip


def folder(name: str) -> str:
    return str(PLACE / name)


@pytest.mark.parametrize("name", [MINILM, E5])
@pytest.mark.parametrize("text", TEN_SCRIPTS)
def test_maps_equal_those_of_the_eager_class(name, text):
    found = ask(TextRequest(folder(name), text))
    tokenizer = AutoTokenizer.from_pretrained(folder(name))
    model = AutoModel.from_pretrained(folder(name), attn_implementation="eager").eval()
    with torch.inference_mode():
        maps = model(**tokenizer(text, return_tensors="pt"), output_attentions=True).attentions
    ours = np.stack([found.attentions[0].weights[layer] for layer in range(len(maps))])
    assert np.abs(ours - torch.cat(maps).numpy()).max() < 1e-5


@pytest.mark.parametrize("text", TEN_SCRIPTS)
def test_pieces_of_xlm_r_are_read_as_they_were_made(text):
    """Its vocabulary holds the letter that GPT-2 writes for a space."""
    tokens = [token for token in ask(TextRequest(folder(E5), text)).tokens if not token.special]
    tokenizer = AutoTokenizer.from_pretrained(folder(E5))
    said = tokenizer.decode([token.id for token in tokens])
    assert "".join("".join(token.text for token in tokens).replace("␣", "").split()) == "".join(said.split())


def test_a_gguf_file_is_read_as_transformers_reads_it():
    (file,) = Path(folder(SMOLLM)).glob("*.gguf")
    found = ask(TextRequest(folder(SMOLLM), "The capital of France is"))
    assert found.predictions[0].choices[0].text.strip() == "Paris"
    assert any("rounded" in remark for remark in found.remarks)
    model = AutoModelForCausalLM.from_pretrained(
        folder(SMOLLM), gguf_file=file.name, attn_implementation="eager", dtype=torch.float32
    ).eval()
    with torch.inference_mode():
        maps = model(torch.tensor([[token.id for token in found.tokens]]), output_attentions=True).attentions
    ours = np.stack([found.attentions[0].weights[layer] for layer in range(len(maps))])
    assert np.abs(ours - torch.cat(maps).numpy()).max() < 1e-5


def test_links_equal_simalign_on_real_states():
    from simalign import SentenceAligner

    aligner = SentenceAligner(model=folder(E5), token_type="bpe", matching_methods="a", layer=6)
    for known in lesson("fr")[:12]:
        pair = Pair(known.source, known.target, "fr")  # words alone: read with spaces between, as simalign does
        wanted = aligner.get_word_aligns(list(pair.source), list(pair.target))["inter"]
        found = ask(AlignmentRequest(AlignmentReader(folder(E5)), pair))
        links = argmax(found.values[6])
        words = {(found.source[i].word, found.target[j].word) for i, j in links}
        assert words == set(wanted)


def test_a_real_encoder_aligns_far_better_than_chance():
    found, sure, possible = set(), set(), set()
    for number, pair in enumerate(lesson("fr")):
        compared = ask(AlignmentRequest(AlignmentReader(folder(E5)), pair))
        links = argmax(compared.values[6])
        found |= {(number, compared.source[i].word, compared.target[j].word) for i, j in links}
        sure |= {(number, *link) for link in pair.gold.sure}
        possible |= {(number, *link) for link in pair.gold.possible}
    rate = error_rate(found, sure, possible)
    assert rate < 0.2, rate
    assert open_model(folder(E5)).family.name == "encoder"
