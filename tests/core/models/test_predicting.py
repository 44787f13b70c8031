"""What may come next, as people read it, and what models say that judge texts, tokens, pairs and answers."""

import shutil

import pytest
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from core import TextRequest, ask, open_model
from core.models.predicting import answer, shown_piece
from core.store.cards import ASSETS
from core.types import Token
from tests.checkpoints import tiny_tokenizer


@pytest.mark.parametrize(
    ("piece", "text"), [("Ġcat", "cat"), ("Ċ", "⏎"), ("ĊĊ", "⏎⏎"), ("Ġ", "␣"), ("âĤ", "‹E2›‹82›"), ("}", "}")]
)
def test_a_byte_sign_never_reaches_anybody(piece, text):
    made = Tokenizer(models.BPE({piece: 0}, []))
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    assert shown_piece(PreTrainedTokenizerFast(tokenizer_object=made), 0) == text


def test_a_piece_inside_a_word_keeps_its_mark():
    tokenizer = tiny_tokenizer()
    number = next(iter(tokenizer.get_vocab().values()))
    assert shown_piece(tokenizer, number) == tokenizer.decode([number]).strip()


def judging(kind: str, folder, **more) -> str:
    """A small random BERT with another last layer, beside the pieces of a small one that comes with Gaze."""
    torch.manual_seed(0)
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    model = getattr(transformers, kind)(transformers.BertConfig(vocab_size=32_000, **size, **more))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(ASSETS / "mini-bert-wordpiece" / name, folder)
    return str(folder)


def eager(kind: str, request: TextRequest):
    """(tokenizer, its output of transformers' own class on the same texts)."""
    tokenizer = open_model(request.model).tokenizer
    model = getattr(transformers, kind).from_pretrained(request.model).eval()
    inputs = tokenizer(request.text, request.pair or None, return_tensors="pt", return_token_type_ids=True)
    with torch.inference_mode():
        return tokenizer, inputs, model(**{n: t for n, t in inputs.items() if n in ("input_ids", "token_type_ids")})


@pytest.mark.usefixtures("any_folder")
def test_classes_of_tokens_are_told_for_every_token(tmp_path):
    names = {0: "O", 1: "PERSON", 2: "PLACE"}
    name = judging("BertForTokenClassification", tmp_path, id2label=names, num_labels=3)
    found = ask(TextRequest(name, "She lives in Paris."))
    _, _, out = eager("BertForTokenClassification", found.request)
    shares = torch.softmax(out.logits[0], -1)
    assert [one.position for one in found.predictions] == [i for i, t in enumerate(found.tokens) if not t.special]
    for one in found.predictions:
        assert one.choices[0].text == names[int(shares[one.position].argmax())]
        assert one.choices[0].probability == pytest.approx(float(shares[one.position].max()), abs=1e-5)


@pytest.mark.usefixtures("any_folder")
def test_an_answer_is_the_likeliest_span_of_the_second_text(tmp_path):
    name = judging("BertForQuestionAnswering", tmp_path)
    found = ask(TextRequest(name, "Where does she live?", pair="She lives in a house in Paris."))
    tokenizer, inputs, out = eager("BertForQuestionAnswering", found.request)
    start, end = torch.softmax(out.start_logits[0], 0), torch.softmax(out.end_logits[0], 0)
    ids, second = inputs["input_ids"][0], inputs["token_type_ids"][0].bool() & (inputs["input_ids"][0] != 3)
    inside = [i for i in range(len(ids)) if second[i] and int(ids[i]) not in tokenizer.all_special_ids]
    spans = {(a, b): float(start[a] * end[b]) for a in inside for b in inside if a <= b}
    (a, b), share = max(spans.items(), key=lambda pair: pair[1])
    (told,) = found.predictions
    assert (told.place, told.position) == ("answer", a)
    assert told.choices[0].text == tokenizer.decode(ids[a : b + 1])
    assert told.choices[0].probability == pytest.approx(share, abs=1e-5)


def test_an_answer_does_not_end_before_it_begins():
    tokens = tuple(Token(text, i, i) for i, text in enumerate("abc"))
    start, end = torch.tensor([0.0, 0.0, 9.0]), torch.tensor([9.0, 0.0, 0.0])
    (told,) = answer(Letters, tokens, start, end)
    assert {choice.text for choice in told.choices} == {"a", "b", "c", "ab", "bc", "abc"}


class Letters:
    """A tokenizer of three letters."""

    @staticmethod
    def decode(ids: list[int]) -> str:
        return "".join("abc"[i] for i in ids)


@pytest.mark.usefixtures("any_folder")
def test_whether_the_second_text_follows(tmp_path):
    name = judging("BertForNextSentencePrediction", tmp_path)
    found = ask(TextRequest(name, "The dog barked.", pair="The owner came."))
    _, _, out = eager("BertForNextSentencePrediction", found.request)
    share = {choice.text: choice.probability for choice in found.predictions[0].choices}
    wanted = torch.softmax(out.logits[0], -1)
    assert share["follows the first"] == pytest.approx(float(wanted[0]), abs=1e-5)
    assert share["is of another text"] == pytest.approx(float(wanted[1]), abs=1e-5)
