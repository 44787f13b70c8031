"""How models are asked for an alignment: equal to plain transformers, a pair at a time or many, masks and attention."""

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

from core.analyses import alignment
from core.analyses.alignment import as_read, compare, layers_of, letters_of
from core.analyses.alignment_links import aligned, counted, word_links
from core.cache import ANSWERS
from core.capture.recording import ATTENTION
from core.data.pairs import lesson
from core.device import best_device
from core.engine import ask
from core.measures.alignment import counts
from core.requests import AlignmentReader, AlignmentRequest, Gold, LinkMethod, Pair
from core.store.cards import ModelCard
from core.store.opening import Opened
from core.store.shelf import available_offline
from core.types import Refused, Stopped, Token
from tests.checkpoints import WORDS, tiny_bert, tiny_tokenizer

BUILT_IN = pytest.mark.skipif("translator" not in available_offline(), reason="the built-in translator is not here")


def pair(source: str, target: str, gold: Gold | None = None) -> Pair:
    return Pair(tuple(source.split()), tuple(target.split()), "", gold, source, target)


PAIRS = [
    pair("the cat sat", "on mat the"),
    pair("cat", "mat"),
    pair("the cat sat on the mat", "mat on cat"),
    pair("sat dog on", "on dog dog"),  # "dog" is unknown
]


@pytest.fixture
def tiny(monkeypatch):
    """Any model in the place of what the shelf opens."""

    def use(model, name: str = "tiny"):
        model.set_attn_implementation(ATTENTION)
        opened = Opened(
            ModelCard(name, name, "encoder", name), model.eval(), tiny_tokenizer(), None, best_device(), "", ""
        )
        monkeypatch.setattr(alignment, "open_model", lambda asked: opened)
        monkeypatch.setattr("core.engine.fetch_missing", lambda *_: None)
        ANSWERS.clear()
        return model, opened.tokenizer

    yield use
    ANSWERS.clear()


def states(model, tokenizer, text: str) -> np.ndarray:
    """Hidden states [layer, word, width] by plain transformers."""
    ids = torch.tensor([tokenizer(text)["input_ids"]])
    with torch.inference_mode():
        out = model.base_model(input_ids=ids, output_hidden_states=True).hidden_states
    return torch.stack(out)[:, 0].numpy()


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.array(
        [
            [[x @ y / np.linalg.norm(x) / np.linalg.norm(y) for y in two] for x in one]
            for one, two in zip(a, b, strict=True)
        ]
    )


def test_similarities_are_cosines_of_hidden_states_whatever_the_batch(tiny):
    model, tokenizer = tiny(tiny_bert())
    found = dict(compare(AlignmentReader("tiny"), PAIRS))
    assert sorted(found) == [0, 1, 2, 3]
    for place, one in enumerate(PAIRS):
        a, b = states(model, tokenizer, one.source_text), states(model, tokenizer, one.target_text)
        assert np.allclose(found[place].values, cosines(a, b), atol=1e-5)
        assert np.allclose(found[place].products, a @ b.transpose(0, 2, 1), atol=1e-4)
        assert np.allclose(found[place].similarity, (1 + found[place].values) / 2)
    assert found[0].layers == layers_of(AlignmentReader("tiny")) == (0, 1, 2)
    for place, some in compare(AlignmentReader("tiny"), PAIRS, layers=(2,)):
        assert some.layers == (2,) and np.allclose(some.values[0], found[place].values[2], atol=1e-6)
    assert found[3].unknown == pytest.approx((1 / 3, 2 / 3))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "config"), [(BertModel, BertConfig), (XLMRobertaModel, XLMRobertaConfig)], ids=["mBERT", "XLM-R"]
)
def test_the_real_architectures_at_full_size(tiny, kind, config):
    torch.manual_seed(0)
    model, tokenizer = tiny(kind(config(vocab_size=len(WORDS), pad_token_id=0)))
    assert layers_of(AlignmentReader("tiny")) == tuple(range(13))
    ((_, found),) = compare(AlignmentReader("tiny"), PAIRS[:1])
    one, two = (states(model, tokenizer, text) for text in (PAIRS[0].source_text, PAIRS[0].target_text))
    assert found.values.shape == (13, 3, 3)
    assert np.allclose(found.values[[0, 8, 12]], cosines(one[[0, 8, 12]], two[[0, 8, 12]]), atol=1e-4)


def test_a_word_is_the_mean_of_its_pieces(tiny):
    model, tokenizer = tiny(tiny_bert())
    long = Pair(("the cat", "sat"), ("mat",), "", None, "the cat sat", "mat")
    ((_, found),) = compare(AlignmentReader("tiny", units="words"), [long])
    a, b = states(model, tokenizer, "the cat sat"), states(model, tokenizer, "mat")
    means = np.stack([a[:, :2].mean(axis=1), a[:, 2]], axis=1)
    assert np.allclose(found.values, cosines(means, b), atol=1e-5)
    assert [(unit.text, unit.word) for unit in found.source] == [("thecat", 0), ("sat", 1)]


def test_hidden_pieces_are_masked_and_have_no_links(tiny):
    model, tokenizer = tiny(tiny_bert())
    one = pair("the cat sat", "on the mat", Gold(frozenset({(0, 1), (1, 2), (2, 1)}), frozenset()))
    found = ask(AlignmentRequest(AlignmentReader("tiny", hide=True), one))
    a, b = states(model, tokenizer, "[MASK] cat sat"), states(model, tokenizer, "on [MASK] mat")
    assert np.allclose(found.values, cosines(a, b), atol=1e-5)
    assert [unit.hidden for unit in found.source] == [True, False, False]
    assert found.hidden_words == (frozenset({0}), frozenset({1})) and found.shared == 1
    links = word_links(found, LinkMethod("match"), 1)
    assert len(links) == 2 and not {i for i, _ in links} & {0} and not {j for _, j in links} & {1}
    wanted = frozenset({(1, 2)})  # gold links of a hidden word do not count
    assert counted(found, LinkMethod("match"), one.gold)[1] == counts(links, wanted, wanted)


def test_attention_between_sentences_equals_eager(tiny):
    _, tokenizer = tiny(tiny_bert())
    found = ask(AlignmentRequest(AlignmentReader("tiny", "attention"), PAIRS[0]))
    eager = tiny_bert().eval()
    eager.set_attn_implementation("eager")
    inputs = tokenizer([PAIRS[0].source_text], [PAIRS[0].target_text], return_tensors="pt")
    with torch.inference_mode():
        weights = eager.base_model(**inputs, output_attentions=True).attentions
    sides = inputs.sequence_ids(0)
    first, second = ([k for k, side in enumerate(sides) if side == wanted] for wanted in (0, 1))
    assert len(weights) == len(found.values) == 2 and found.layers == (1, 2)
    for layer, one in enumerate(weights):
        mean = one[0].mean(dim=0).numpy()
        there, back = mean[np.ix_(first, second)], mean[np.ix_(second, first)].T
        wanted = there / there.sum(axis=1, keepdims=True) + back / back.sum(axis=0, keepdims=True)
        assert np.allclose(found.values[layer], wanted / 2, atol=1e-5)


def test_many_pairs_with_progress_and_a_stop(tiny, monkeypatch):
    tiny(tiny_bert())
    monkeypatch.setattr(alignment, "CHUNK", 3)
    gold = Gold(frozenset({(0, 0)}), frozenset({(0, 0)}))
    pairs = [pair("the cat " * (k % 4 + 1), "mat on " * (k % 3 + 1), gold if k % 2 else None) for k in range(10)]
    seen = []
    found = aligned(AlignmentReader("tiny"), LinkMethod(), 2, pairs, lambda done, total: seen.append((done, total)))
    assert seen == [(k, 10) for k in range(1, 11)]
    for one, made in zip(pairs, found, strict=True):
        alone = ask(AlignmentRequest(AlignmentReader("tiny"), one))
        assert made.links == word_links(alone, LinkMethod(), 2)
        assert (made.counts is None) == (one.gold is None)
    with pytest.raises(Stopped):
        aligned(AlignmentReader("tiny"), LinkMethod(), 2, pairs, cancelled=lambda: True)


def test_what_cannot_be_asked_is_refused(tiny):
    tiny(tiny_bert())
    with pytest.raises(Refused, match="makes no piece of the source"):
        ask(AlignmentRequest(AlignmentReader("tiny"), Pair((" ",), ("cat",), "", None, " ", "cat")))


def test_marks_and_special_tokens_hold_no_letters():
    tokens = [Token(">>de<<", 0, -1, True), Token("Haus", 1, 0), Token("␣", 1, 0)]
    assert letters_of(tokens) == [None, "Haus", None]


def test_a_sentence_is_read_as_it_is_written_unless_a_piece_lies_across_words(tiny):
    made = Tokenizer(models.WordLevel({"[UNK]": 0, "the": 1, "cat": 2, "老人": 3, "老": 4, "人": 5, ".": 6}, "[UNK]"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.normalizer = normalizers.BertNormalizer(handle_chinese_chars=False)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, unk_token="[UNK]")
    assert as_read(tokenizer, "the cat.", ("the", "cat", ".")).text == "the cat."
    assert as_read(tokenizer, "老人", ("老人",)).text == "老人"
    assert as_read(tokenizer, "老人", ("老", "人")).text == "老 人"


@BUILT_IN
def test_a_translator_aligns_by_cross_attention():
    one = lesson("fr")[0]
    found = ask(AlignmentRequest(AlignmentReader("translator"), one))
    assert found.of == "attention" and found.values.shape[1:] == (len(one.source), len(one.target))
    assert np.allclose(found.values.sum(axis=1), 1, atol=1e-4)  # each target word shares itself out among source words
    links = word_links(found, LinkMethod("one way"), len(found.layers) - 1)
    assert len(links & one.gold.possible) >= 7
    with pytest.raises(Refused, match="does not write 'ar'"):
        ask(AlignmentRequest(AlignmentReader("translator"), lesson("ar")[0]))


@pytest.mark.skipif("mini-bert-wordpiece" not in available_offline(), reason="the built-in encoder is not here")
def test_the_built_in_encoder_beats_the_diagonal_by_far():
    from core.analyses.alignment_links import counted_set
    from core.measures.alignment import scores_of

    table = counted_set(AlignmentReader("mini-bert-wordpiece"), LinkMethod(), lesson("fr"))
    assert scores_of([row[1] for row in table]).error_rate < 0.2  # the diagonal: 0.33
