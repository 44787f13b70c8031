"""Model surgery: pencils and other implementations for the measures, tiny models of every family, and the page."""

import copy
import threading

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays

from core.analyses import pruning_curves
from core.analyses import surgery as models
from core.engine import ask, is_answered
from core.measures import surgery
from core.models import compression
from core.requests import (
    Compression,
    CompressionRequest,
    HeadsCurveRequest,
    PredictionsRequest,
    TextRequest,
    WeightsCurvesRequest,
    parts,
)
from core.store.opening import open_model
from core.types import Refused
from tests.checkpoints import saved, tiny_bert, tiny_gpt2, tiny_marian
from ui.views.surgery import distil

few = settings(max_examples=30, deadline=None)


weights = some.floats(-9, 9, width=32, allow_subnormal=False)  # half a step of the smallest numbers is none
matrices = arrays(np.float32, some.tuples(some.integers(1, 6), some.integers(1, 6)), elements=weights)


TRANSLATOR = TextRequest("translator", "The cat sleeps on the old chair.", language="fr")


@few
@given(some.integers(1, 60), some.floats(0, 0.99), some.randoms())
def test_pruning_takes_the_smallest(count, share, chance):
    values = [(i + 1) * (-1) ** i / 10 for i in range(count)]
    chance.shuffle(values)
    (found,) = surgery.pruned([torch.tensor([values])], share, "layer")
    gone = round(share * count)
    assert int((found == 0).sum()) == gone
    assert all(abs(value) > gone / 10 + 0.01 for value in found[found != 0].tolist())


def test_pruning_by_matrix_and_over_all():
    small, large = torch.tensor([[0.1, -0.2]]), torch.tensor([[3.0, -4.0]])
    assert [m.tolist() for m in surgery.pruned([small, large], 0.5, "layer")] == [[[0, small[0, 1]]], [[0, -4.0]]]
    assert [m.tolist() for m in surgery.pruned([small, large], 0.5, "global")] == [[[0, 0]], [[3.0, -4.0]]]


@few
@given(matrices, some.sampled_from(parts.BITS))
def test_rounding_moves_no_weight_more_than_half_a_step_and_agrees_with_torch(values, bits):
    matrix = torch.from_numpy(values)
    found = surgery.quantised(matrix, bits)
    step = float(surgery.scales(matrix, bits, per_channel=False))
    assert float((found - matrix).abs().max()) <= step / 2 * (1 + 1e-4)
    assert len(found.unique()) <= 2**bits - 1
    if step > 1e-6:
        most = 2 ** (bits - 1) - 1
        wanted = torch.fake_quantize_per_tensor_affine(matrix, step, 0, -most, most)
        # A weight half way between two levels may go either way.
        assert float((found - wanted).abs().max()) <= step * 1.001
        assert float(((found - wanted).abs() > step / 2).float().mean()) <= 0.5


def test_rounding_by_pencil():
    matrix = torch.tensor([[1.0, -0.4, 0.6], [0.1, 0.04, -0.06]])
    assert surgery.quantised(matrix, 2).tolist() == [[1, 0, 1], [0, 0, 0]]
    own = surgery.quantised(matrix, 2, per_channel=True)
    assert torch.allclose(own, torch.tensor([[1, 0, 1], [0.1, 0, -0.1]]))
    assert surgery.quantised(torch.zeros(2, 2), 4).tolist() == [[0, 0], [0, 0]]


def test_stored_bytes_by_pencil():
    matrix = torch.tensor([[1.0] * 64] * 4)
    assert surgery.stored_bytes([matrix], 10, Compression()) == 4 * (256 + 10)
    assert surgery.stored_bytes([matrix], 10, Compression(bits=8)) == 256 + 40 + 4
    assert surgery.stored_bytes([matrix], 0, Compression(bits=4, per_channel=True)) == 128 + 4 * 4
    half = torch.cat([matrix[:2], torch.zeros(2, 64)])
    assert surgery.stored_bytes([half], 0, Compression(pruned=0.5)) == 128 * 4 + 256 // 8


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Compression(pruned=1.0), "0 to 99 %"),
        (lambda: Compression(bits=1), "8, 6, 4, 3, 2"),
        (lambda: Compression(scope="all"), "layer or global"),
        (lambda: surgery.soft(torch.zeros(2), 0), "above 0"),
        (lambda: surgery.divergence(torch.zeros(1, 3), torch.zeros(1, 4), 1), "one vocabulary"),
        (lambda: surgery.alike([np.eye(2)], [np.eye(3)]), "different words"),
    ],
)
def test_what_cannot_be_gets_a_sentence(make, says):
    with pytest.raises(Refused, match=says):
        make()


@few
@given(some.integers(1, 5), some.floats(0.5, 20), some.integers(0, 99))
def test_divergence_agrees_with_torch(rows, temperature, seed):
    draw = torch.Generator().manual_seed(seed)
    teacher, student = torch.randn(2, rows, 7, generator=draw, dtype=torch.float64) * 3
    wanted = torch.nn.functional.kl_div(
        torch.log_softmax(student / temperature, -1), torch.softmax(teacher / temperature, -1), reduction="batchmean"
    )
    assert np.isclose(surgery.divergence(teacher, student, temperature), float(wanted) * temperature**2)
    assert abs(surgery.divergence(teacher, teacher + 5, temperature)) < 1e-9


def test_a_temperature_by_pencil():
    # exp(2 ln 3 / 2) = 3: three quarters at T = 2, nine tenths at T = 1.
    logits = torch.tensor([2 * np.log(3.0), 0.0])
    assert np.allclose(surgery.soft(logits, 2), [0.75, 0.25]) and np.allclose(surgery.soft(logits, 1), [0.9, 0.1])
    assert np.isclose(surgery.entropy(torch.full((3, 8), 1 / 8)), 3)


def test_greedy_by_pencil():
    # a and b do the same work: either may go, not both. c does little.
    def loss(off):
        return 1.0 * ("c" in off) + 0.5 * ("a" in off) + 0.6 * ("b" in off) + 10 * ({"a", "b"} <= set(off))

    heard = []
    order, losses = surgery.greedy("abc", loss, lambda *news: heard.append(news[:2]))
    assert order == ("a", "c", "b") and np.allclose(losses, (0.5, 1.5, 12.1))
    assert heard[-1] == (6, 6) and len(heard) == 6
    assert surgery.greedy("abc", loss, most=1)[0] == ("a",)


def test_greedy_stops_between_losses_with_the_steps_it_finished():
    asked = []
    order, losses = surgery.greedy(
        "abcd", lambda off: asked.append(off) or len(asked), cancelled=lambda: len(asked) >= 6
    )
    assert len(asked) == 6 and order == ("a",) and losses == (1,)


def test_curves_reach_from_nothing_to_everything():
    assert surgery.curve("abcdefgh", len, 5) == ((0, 0), (2, 2), (4, 4), (6, 6), (8, 8))
    assert surgery.curve("ab", len, 50) == ((0, 0), (1, 1), (2, 2))
    assert sorted(surgery.shuffled("abcdef")) == list("abcdef") != list(surgery.shuffled("abcdef"))
    assert surgery.one_by_one("ab", lambda off: off[0]) == {"a": "a", "b": "b"}


def test_one_head_a_layer_stays():
    worth = {
        ("encoder", 0, 0): 1.0,
        ("encoder", 0, 1): 2.0,
        ("encoder", 1, 0): 5.0,
        ("cross", 0, 0): 1,
        ("cross", 0, 1): 0,
    }
    assert surgery.best_kept(worth) == (("encoder", 0, 0), ("cross", 0, 1))


def test_how_far_maps_moved_and_how_alike_layers_are():
    before, after = np.array([[1.0, 0], [0, 1]]), np.array([[0, 1.0], [0, 1]])
    assert surgery.changed(before, after) == 0.5
    assert surgery.alike([before, after], [before]).tolist() == [[1.0, 0.5]]


def test_importance_is_the_slope_of_the_loss_by_a_heads_size():
    draw = torch.Generator().manual_seed(0)
    scores, values = torch.randn(1, 2, 3, 3, generator=draw), torch.randn(1, 2, 3, 4, generator=draw)
    weights = scores.softmax(-1).requires_grad_()

    def loss(size):
        return ((weights @ values) * size[None, :, None, None]).sum(1).pow(2).sum()

    (gradient,) = torch.autograd.grad(loss(torch.ones(2)), weights)
    found = surgery.importance(weights, gradient)
    with torch.no_grad():
        for head in range(2):
            little = torch.zeros(2)
            little[head] = 1e-3
            slope = float(loss(1 + little) - loss(1 - little)) / 2e-3
            assert np.isclose(found[head], abs(slope), rtol=1e-3)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    made = {"bert": tiny_bert(), "gpt2": tiny_gpt2(), "marian": tiny_marian()}
    for config in (made["marian"].config, made["marian"].generation_config):
        config.decoder_start_token_id, config.eos_token_id, config.forced_eos_token_id = 0, 3, 3
    return {name: str(saved(model, tmp_path_factory.mktemp(name))) for name, model in made.items()}


@pytest.mark.parametrize(("name", "heads"), [("bert", 4), ("gpt2", 4), ("marian", 12)])
def test_a_loss_for_every_family_and_heads_that_change_it(folders, name, heads):
    there = models.heads_of(folders[name], "")
    assert len(there) == heads
    whole = models.loss(folders[name], "", ())
    assert abs(whole - np.log(10)) < 1.5  # near a guess among ten words
    assert models.loss(folders[name], "", there) != whole
    assert models.loss(folders[name], "", there[::-1]) == models.loss(folders[name], "", there)


def test_all_heads_off_is_a_model_whose_values_are_zero(folders):
    opened = open_model(folders["bert"])
    silent = copy.deepcopy(opened.model)
    for name, module in silent.named_modules():
        if name.endswith("self.value"):
            module.weight.data.zero_()
            module.bias.data.zero_()
    batch = models.batch_of(folders["bert"], "")
    off = models.heads_of(folders["bert"], "")
    with torch.inference_mode():
        assert np.isclose(float(models.loss_of(silent, batch)), models.loss(folders["bert"], "", off), atol=1e-6)


def test_padding_has_no_part_in_the_loss():
    """The translator's loss over the padded set is that of its sentences one by one, weighted by their pieces."""
    opened = open_model("translator")
    total = pieces = 0
    for english, french in models.small_set()[:6]:
        inputs = opened.tokenizer(">>fr<<" + english, return_tensors="pt")
        labels = opened.tokenizer(text_target=french, return_tensors="pt")["input_ids"]
        start = torch.tensor([[opened.model.config.decoder_start_token_id]])
        with torch.inference_mode():
            logits = opened.model(**inputs, decoder_input_ids=torch.cat([start, labels[:, :-1]], 1)).logits[0]
        total += float(torch.nn.functional.cross_entropy(logits, labels[0], reduction="sum"))
        pieces += labels.shape[1]
    batch = models.translations(opened, "fr")
    some_rows = {name: tensor[:6] for name, tensor in batch.inputs.items()}
    with torch.inference_mode():
        found = float(models.loss_of(opened.model, models.Batch(some_rows, batch.labels[:6], batch.what)))
    assert np.isclose(found, total / pieces, atol=1e-4)


def test_masks_ask_for_every_word_once(folders, monkeypatch):
    monkeypatch.setattr(
        models, "small_set", lambda: (("the cat sat on the mat the cat", ""), ("the mat", ""), ("", ""))
    )
    batch = models.masked_words(open_model(folders["bert"]))
    asked = int((batch.labels != models.IGNORED).sum())
    assert len(batch.labels) == 3 + 2  # a third of the words at a time
    tokenizer = open_model(folders["bert"]).tokenizer
    plain = [
        [i for i in tokenizer(en)["input_ids"] if i not in tokenizer.all_special_ids] for en, _ in models.small_set()
    ]
    assert asked == sum(map(len, plain)) > 0
    assert bool((batch.inputs["input_ids"][batch.labels != models.IGNORED] == tokenizer.mask_token_id).all())


@pytest.mark.parametrize("name", ["bert", "gpt2", "marian"])
@pytest.mark.parametrize(
    "cut", [Compression(pruned=0.5), Compression(bits=3, per_channel=True), Compression(int8=True)]
)
def test_a_cut_is_made_in_a_copy(folders, name, cut):
    opened = open_model(folders[name])
    before = {key: value.clone() for key, value in opened.model.state_dict().items()}
    model, size, zeros = compression.operate(opened, cut)
    assert all(torch.equal(value, before[key]) for key, value in opened.model.state_dict().items())
    assert size > 0 and (abs(zeros - 0.5) < 0.02 or not cut.pruned)
    encoding = models.encoded_by(
        models.replace(opened, model=model), TextRequest(folders[name], "the cat sat", target="the mat")
    )
    assert np.allclose(encoding.attentions[0].weights.sum(-1), 1, atol=1e-4)
    if cut.int8:
        assert any("quantized" in type(module).__module__ for module in model.modules())


def test_layers_of_gpt2_are_rounded_by_output(folders):
    opened = open_model(folders["gpt2"])
    model, _, _ = compression.operate(opened, Compression(bits=2, per_channel=True))
    weight = model.transformer.h[0].attn.c_attn.weight  # [input, output]
    whole = opened.model.transformer.h[0].attn.c_attn.weight
    assert torch.allclose(weight.abs().amax(0), whole.abs().amax(0))  # the greatest of each output stays
    assert all(len(weight[:, output].unique()) <= 3 for output in range(weight.shape[1]))


@pytest.mark.slow
def test_a_cut_translator_loses_more_and_is_smaller():
    whole = ask(CompressionRequest(TRANSLATOR, Compression()))
    eight, two = (ask(CompressionRequest(TRANSLATOR, Compression(bits=bits))) for bits in (8, 2))
    assert whole.loss < 1 and abs(eight.loss - whole.loss) < 0.1 < 3 < two.loss
    assert two.megabytes < eight.megabytes < whole.megabytes
    assert whole.forced.attentions[0].weights.shape == two.forced.attentions[0].weights.shape


def test_a_model_that_predicts_no_words_is_refused(tmp_path):
    bare = saved(tiny_bert().bert, tmp_path)
    with pytest.raises(Refused, match="predicts no words"):
        models.heads_of(str(bare), "")


def test_pieces_are_compared_between_models_of_one_vocabulary_alone():
    blank = TextRequest("mini-bert-wordpiece", "The [MASK] chased the mouse.")
    other = distil.Student("another", "mini-xlmr-sentencepiece")
    teacher, student = distil.both(blank, other)
    assert [t.text for t in student.encoding.tokens if t.special][1] == "<mask>"
    assert not distil.of_one_vocabulary(teacher, student)
    assert "different pieces" in distil.numbers(teacher, student, 1.0)
    itself = distil.both(blank, distil.Student("itself, in 4 bits", "mini-bert-wordpiece", Compression(bits=4)))
    assert distil.of_one_vocabulary(*itself)
    assert "of 1 places" in distil.numbers(*itself, 1.0)


def test_teacher_and_student_are_asked_the_same():
    teacher = ask(PredictionsRequest(TRANSLATOR))
    same = models.replace(TRANSLATOR, target=teacher.encoding.output)
    student = ask(PredictionsRequest(same, Compression(bits=8)))
    assert teacher.places == student.places and teacher.logits.shape == student.logits.shape
    first = teacher.encoding.predictions[0].choices[0]
    assert np.isclose(float(surgery.soft(teacher.logits[0], 1).max()), first.probability, atol=1e-5)
    assert surgery.divergence(teacher.logits, student.logits, 1) > 0
    likeness = surgery.alike(*[models.layer_maps(one.encoding, "encoder", words=False) for one in (teacher, student)])
    assert likeness.shape == (4, 4) and np.all(likeness.argmax(1) == np.arange(4))


def test_a_mask_is_asked_for(folders):
    with pytest.raises(Refused, match=r"\[MASK\]"):
        ask(PredictionsRequest(TextRequest(folders["bert"], "the cat sat")))


def test_curves_of_the_heads(folders):
    heard = []
    found = {
        how: ask(HeadsCurveRequest(folders["gpt2"], "", how), progress=lambda *news: heard.append(news))
        for how in pruning_curves.ORDERS
    }
    assert {len(one.order) for one in found.values()} == {4}
    ends = {(one.points[0][1], one.points[-1][1]) for one in found.values()}
    assert len(ends) == 1  # whatever the order, nothing off and all off are the same
    best = {count: value for count, value in found["greedy"].points}
    assert best[1] <= min(dict(one.points)[1] for one in found.values()) + 1e-9
    assert {k for k, _, _ in ask(HeadsCurveRequest(folders["marian"], "", "chance", "cross")).order} == {"cross"}


def test_a_curve_that_is_stopped_is_not_kept(folders):
    class Enough(Exception):
        pass

    def progress(*news):
        raise Enough

    before = set(threading.enumerate())
    with pytest.raises(Enough):
        ask(WeightsCurvesRequest("translator", "fr", "Fewer bits"), progress)
    for thread in set(threading.enumerate()) - before:
        thread.join()
    assert not is_answered(WeightsCurvesRequest("translator", "fr", "Fewer bits"))
