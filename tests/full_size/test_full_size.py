"""The pages on languages with checkpoints of the size and shape of mBERT and XLM-R; the weights are random."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import (
    BertConfig,
    BertForPreTraining,
    PreTrainedConfig,
    PreTrainedModel,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)
from transformers.initialization import no_init_weights

from core.analyses import transfer
from core.analyses.alignment import layers_of
from core.models.tokenizer import reader
from core.requests import AlignmentReader, parts
from core.store.cards import ASSETS
from tests.apptest import page
from tests.checkpoints import MULTILINGUAL, multilingual_wordpieces
from tests.drawn import said

SENTENCEPIECE = Path(ASSETS) / "mini-xlmr-sentencepiece"
SIZES = {"mBERT": MULTILINGUAL, "XLM-R": 250_002}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Both checkpoints as the hub serves them, in half precision."""
    found = {name: tmp_path_factory.mktemp("full") / name for name in SIZES}
    mbert = BertConfig(vocab_size=SIZES["mBERT"])
    filled(BertForPreTraining, mbert).save_pretrained(found["mBERT"])
    multilingual_wordpieces(found["mBERT"])
    xlmr = XLMRobertaConfig(vocab_size=SIZES["XLM-R"], max_position_embeddings=514, type_vocab_size=1)
    filled(XLMRobertaForMaskedLM, xlmr).save_pretrained(found["XLM-R"])
    sentencepieces(found["XLM-R"])
    yield {name: str(folder) for name, folder in found.items()}
    for folder in found.values():
        shutil.rmtree(folder)  # a gigabyte


def filled(kind: type[PreTrainedModel], config: PreTrainedConfig) -> PreTrainedModel:
    """A model of one stretch of noise, written again and again: to draw 300 million numbers takes far longer."""
    with no_init_weights():
        model = kind(config).half()
    model.tie_weights()
    noise = 0.02 * torch.randn(1_000_003, generator=torch.Generator().manual_seed(0)).half()
    for name, weights in model.named_parameters():
        count = weights.numel()
        weights.data = noise.repeat(-(-count // len(noise)))[:count].view_as(weights)
        if name.endswith("LayerNorm.weight"):
            weights.data.add_(1)
    return model


def sentencepieces(folder: Path) -> None:
    """The small model's pieces, filled up to XLM-R's number with pieces that no text has."""
    held = json.loads((SENTENCEPIECE / "tokenizer.json").read_text(encoding="utf-8"))
    pieces = held["model"]["vocab"]
    pieces += [[f"▁filler{i}", -90.0] for i in range(SIZES["XLM-R"] - len(pieces))]
    (folder / "tokenizer.json").write_text(json.dumps(held))
    shutil.copy(SENTENCEPIECE / "tokenizer_config.json", folder)


def whole(at) -> str:
    """What the page says; no advice in place of a picture."""
    text = said(at)
    assert "gaze-advice" not in text and "gaze-notes" in text, text[text.find("gaze-advice") :][:400]
    return text


def test_tokenizers(folders):
    assert [reader(folders[name]).vocabulary for name in SIZES] == list(SIZES.values())
    whole(page("tokenizers", tokenizers=list(folders.values()), phrases="hello world\nनमस्ते दुनिया"))


def test_word_alignment(folders):
    assert (
        layers_of(AlignmentReader(folders["mBERT"])) == layers_of(AlignmentReader(folders["XLM-R"])) == tuple(range(13))
    )
    text = whole(page("alignment", a=folders["mBERT"], b=folders["XLM-R"]))
    assert all(f"from your disk: {name}" in text for name in SIZES)


def test_embedding_space(folders):
    """Six sentences; ten languages take the same way and half a minute."""
    whole(page("embedding", model=folders["mBERT"], beside=folders["XLM-R"], texts="One word: bank", method="PCA"))


def test_transfer(folders, monkeypatch):
    """Three of the languages: the others take the same way."""
    topics = transfer.shipped_task("topics")
    some = parts.Task("some topics", tuple(s for s in topics.sentences if s.language in ("en", "fr", "ja")))
    assert len(some.sentences) > 80
    monkeypatch.setattr(transfer, "shipped_task", lambda name: some)
    whole(page("transfer", model=folders["mBERT"], second=folders["XLM-R"], layer1="layer 1", layer2="layer 1"))


@pytest.mark.parametrize("view", ["Fill", "Dice", "Pair", "Leak"])
def test_fill_the_blank(folders, view):
    whole(page("blank", model=folders["mBERT"], second=folders["XLM-R"], show=view))
