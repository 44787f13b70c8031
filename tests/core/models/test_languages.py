"""Languages told by a code: which a tokenizer knows, which is meant, and what a translator reads and writes then."""

from __future__ import annotations

import json

import pytest
import transformers as hf

from core import ask, open_model
from core.models.languages import codes_of, matching
from core.requests import TextRequest
from core.store.opening import family_named
from core.types import Refused
from tests.checkpoints import saved, tiny_bert, tiny_gpt2, tiny_tokenizer, tiny_vit

CODES = ("eng_Latn", "fra_Latn", "zho_Hans")


@pytest.fixture(scope="module")
def nllb(tmp_path_factory) -> str:
    pieces = {piece: i for i, piece in enumerate(["<s>", "<pad>", "</s>", "<unk>", "▁", *"abcdefghijklmnopqrstuvwxyz"])}
    tokenizer = hf.NllbTokenizer(vocab=pieces, merges=[], src_lang="eng_Latn")
    config = hf.M2M100Config(
        vocab_size=len(tokenizer), d_model=32, encoder_layers=1, decoder_layers=1, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=32, decoder_ffn_dim=32, max_position_embeddings=64, pad_token_id=1,
        bos_token_id=0, eos_token_id=2, decoder_start_token_id=2,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("models") / "nllb"
    hf.M2M100ForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def test_the_codes_are_those_that_have_a_piece(nllb):
    codes = codes_of(open_model(nllb).tokenizer)
    assert set(CODES) <= set(codes) and "xxx_Latn" not in codes
    assert codes_of(tiny_tokenizer()) == ()


@pytest.mark.parametrize(
    ("wanted", "code"), [("fra_Latn", "fra_Latn"), ("fr", "fra_Latn"), ("fra", "fra_Latn"), ("zh", "zho_Hans")]
)
def test_a_language_is_meant_by_its_code_or_by_how_it_begins(wanted, code):
    assert matching(CODES, wanted, "nllb") == code


def test_nothing_wanted_is_french_but_never_the_language_of_the_text():
    assert matching(CODES, "", "nllb") == "fra_Latn"
    assert matching(CODES, "", "nllb", other_than="fra_Latn") == "eng_Latn"
    assert matching(("en_XX", "ro_RO"), "ro", "mbart") == "ro_RO"


def test_a_code_that_is_none_is_refused_with_some_that_are():
    with pytest.raises(Refused, match="nllb knows no language 'xx': choose one of eng_Latn, fra_Latn, zho_Hans"):
        matching(CODES, "xx", "nllb")
    with pytest.raises(Refused, match=r"and 8 more"):
        matching(tuple(f"a{i:02}_Latn" for i in range(20)), "xx", "nllb")


def first_written(**fields: str) -> list[str]:
    cross = next(one for one in ask(TextRequest(text="the cat sat", **fields)).attentions if one.kind == "cross")
    return [token.text for token in cross.queries][:1]


@pytest.mark.parametrize("target", ["", "le chat"])
@pytest.mark.parametrize("code", ["fra_Latn", "zho_Hans"])
def test_what_is_written_and_what_is_typed_begin_with_the_language(nllb, code, target):
    assert first_written(model=nllb, language=code, target=target) == [code]


def test_the_text_is_read_in_its_own_language(nllb):
    read = [t.text for t in ask(TextRequest(nllb, "the cat", source_language="zho_Hans", language="fr")).tokens]
    assert "zho_Hans" in read and "eng_Latn" not in read
    again = [t.text for t in ask(TextRequest(nllb, "the cat", language="fr")).tokens]  # nothing stays told
    assert "eng_Latn" in again and "zho_Hans" not in again


def test_the_family_is_known_before_the_model_is_open(nllb, tmp_path):
    assert family_named(nllb) == "encoder-decoder"
    made = {"encoder": tiny_bert(), "decoder": tiny_gpt2(), "vision": tiny_vit()}
    for family, model in made.items():
        assert family_named(str(saved(model, tmp_path / family))) == family
    assert family_named("translator") == "encoder-decoder"
    (tmp_path / "circle").mkdir()  # an adapter of itself
    (tmp_path / "circle" / "adapter_config.json").write_text(
        json.dumps({"base_model_name_or_path": str(tmp_path / "circle")})
    )
    assert family_named(str(tmp_path / "circle")) == ""
    assert family_named(str(tmp_path / "nowhere")) == "" and family_named("owner/not-here") == ""
