"""The shelf: cards, names, and every way in which a checkpoint can be wrong; tiny checkpoints, no network."""

import json
import threading
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from core import device
from core.store import cards, checkpoint, hub, opening, shelf
from core.store.opening import open_model
from core.store.shelf import SHELF
from core.types import Refused
from tests.checkpoints import saved, tiny_bert, tiny_gpt2, tiny_marian, tiny_vit


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    """No hub, an empty cache of files, no models open."""
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(hub, "reachable", lambda: False)
    monkeypatch.delenv("GAZE_ALLOW_ANY", raising=False)
    monkeypatch.delenv("GAZE_HOST", raising=False)
    opening._opened.cache_clear()
    shelf._available.cache_clear()
    yield
    opening._opened.cache_clear()
    shelf._available.cache_clear()


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return saved(tiny_bert(), tmp_path_factory.mktemp("models") / "tiny-bert")


@pytest.fixture
def copy(bert, tmp_path):
    """A BERT of one's own, to break."""
    import shutil

    return shutil.copytree(bert, tmp_path / "model")


# --- cards


def test_cards_of_the_shelf():
    for name, card in SHELF.items():
        assert card.name == name
        assert card.family in cards.FAMILIES and card.provenance in cards.PROVENANCES
        assert card.title and card.layers and card.parameters, name
        assert card.megabytes or name == "microsoft/mdeberta-v3-base"  # published as a pickle of half the numbers' size
        assert bool(card.heads) == (card.family != "convolutional"), name
        assert card.folder or (hub.is_id(card.id) and card.note.endswith(".") and card.licence)
        assert card.family != "encoder-decoder" or card.languages or "summaries" in card.title or "NLLB" in card.title
        hash(card)


CARD = {"name": "mini", "title": "Mini", "family": "encoder", "layers": 2, "heads": 2, "parameters": 99}


def with_card(folder, name, text):
    (folder / name).mkdir()
    (folder / name / "card.json").write_text(text if isinstance(text, str) else json.dumps(text))


def test_built_in_card(tmp_path):
    said = CARD | {"languages": ["fr"], "scores": {"BLEU": 31.0}, "minutes": 8, "data": [{"name": "x"}]}
    with_card(tmp_path, "mini", said)
    (tmp_path / "mini" / "model.safetensors").write_bytes(b"x" * 1_500_000)
    read, problems = cards.read_shelf(tmp_path)
    card = read["mini"]
    assert problems == []
    assert next(iter(read)) == "mini", "built-in models come first"
    assert (card.provenance, card.folder, card.id) == ("built in", True, str(tmp_path / "mini"))
    assert (card.languages, card.scores, card.megabytes) == (("fr",), {"BLEU": 31.0}, 1.5)
    assert card.about == {"minutes": 8, "data": [{"name": "x"}]}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "cannot be read"),
        ("[]", "no JSON object"),
        ({"name": "mini", "family": "encoder"}, "title is missing"),
        (CARD | {"family": "poodle"}, "poodle"),
        (CARD | {"provenance": "found"}, "found"),
        (CARD | {"layers": "many"}, "wrong form"),
        (CARD | {"scores": 3}, "wrong form"),
        (CARD | {"name": "gpt2"}, "another model is called gpt2"),
    ],
)
def test_a_broken_card_is_left_out_and_remembered(tmp_path, text, why):
    with_card(tmp_path, "bad", text)
    with_card(tmp_path, "good", CARD | {"name": "good"})
    read, problems = cards.read_shelf(tmp_path)
    assert "good" in read and len(read) == 1 + len(cards.REAL)
    assert len(problems) == 1 and "bad" in problems[0] and why in problems[0]


# --- opening


def test_open_a_folder(bert):
    opened = open_model(str(bert))
    card = opened.card
    assert (card.family, card.layers, card.heads, card.provenance) == ("encoder", 2, 2, "real weights")
    assert card.parameters == sum(p.numel() for p in opened.model.parameters())
    assert opened.dtype == "float32" and opened.remarks == () and opened.processor is None
    assert opened.model.config._attn_implementation == "gaze"
    assert not opened.model.training
    assert not any(p.requires_grad for p in opened.model.parameters())
    assert opened.tokenizer("the cat")["input_ids"] == [5, 6]
    for name, tensor in tiny_bert().state_dict().items():
        assert torch.equal(tensor, opened.model.state_dict()[name]), name


def test_models_asked_for_at_once_are_loaded_one_after_another(tmp_path, monkeypatch):
    folders = [saved(make(), tmp_path / make.__name__) for make in (tiny_bert, tiny_gpt2, tiny_marian)]
    inside, most, found = [], [], []
    original = opening._load

    def watched(*arguments):
        inside.append(1)
        most.append(len(inside))
        try:
            return original(*arguments)
        finally:
            inside.pop()

    monkeypatch.setattr(opening, "_load", watched)
    start = threading.Barrier(len(folders))

    def visitor(folder):
        start.wait(30)
        found.append(open_model(str(folder)).card.family)

    visitors = [threading.Thread(target=visitor, args=(f,), daemon=True) for f in folders]
    for one in visitors:
        one.start()
    for one in visitors:
        one.join(60)
    assert sorted(found) == ["decoder", "encoder", "encoder-decoder"]
    assert max(most) == 1


def test_an_open_model_is_shared(bert):
    assert open_model(str(bert)) is open_model(str(bert))


def test_a_model_trained_again_is_loaded_again(copy):
    import os

    first = open_model(str(copy))
    os.utime(copy / "model.safetensors", ns=(1, 1))
    assert open_model(str(copy)) is not first


@pytest.mark.parametrize(
    ("make", "family", "kind"),
    [
        (tiny_gpt2, "decoder", "GPT2LMHeadModel"),
        (tiny_marian, "encoder-decoder", "MarianMTModel"),
        (tiny_vit, "vision", "ViTForImageClassification"),
    ],
)
def test_families(tmp_path, make, family, kind):
    opened = open_model(str(saved(make(), tmp_path / "model")))
    assert opened.card.family == family
    assert type(opened.model).__name__ == kind
    assert (opened.tokenizer is None) == (family == "vision") == (opened.processor is not None)
    assert (opened.card.layers, opened.card.heads) == (2, 2)


def test_half_precision_weights_run_in_float32(tmp_path):
    opened = open_model(str(saved(tiny_bert().half(), tmp_path / "model")))
    assert {p.dtype for p in opened.model.parameters()} == {torch.float32}


def test_shards(tmp_path):
    folder = saved(tiny_bert(), tmp_path / "model", max_shard_size="5KB")
    parts = sorted(folder.glob("model-*.safetensors"))
    assert len(parts) > 1
    assert open_model(str(folder)).card.parameters == sum(p.numel() for p in tiny_bert().parameters())
    parts[1].unlink()
    with pytest.raises(Refused, match=f"{parts[1].name} is missing"):
        open_model(str(folder))


def edit_config(folder, **changes):
    config = json.loads((folder / "config.json").read_text())
    config.update(changes)
    (folder / "config.json").write_text(json.dumps({k: v for k, v in config.items() if v is not None}))


def test_without_an_architecture_the_bare_model_is_opened(copy):
    edit_config(copy, architectures=None)
    assert type(open_model(str(copy)).model).__name__ == "BertModel"


def test_an_unknown_architecture_gives_the_bare_model(copy):
    edit_config(copy, architectures=["BertForGuesswork"])
    assert type(open_model(str(copy)).model).__name__ == "BertModel"


def test_pretraining_heads_are_opened_as_masked_language_models(copy):
    edit_config(copy, architectures=["BertForPreTraining"])
    assert type(open_model(str(copy)).model).__name__ == "BertForMaskedLM"


def test_an_architecture_is_never_anything_but_a_model(copy):
    edit_config(copy, architectures=["pipeline", "BertTokenizer"])
    assert type(open_model(str(copy)).model).__name__ == "BertModel"


def test_weights_set_at_random_are_told(copy):
    tensors = load_file(copy / "model.safetensors")
    del tensors["bert.encoder.layer.1.output.dense.weight"]
    save_file(tensors, copy / "model.safetensors", {"format": "pt"})
    (remark,) = open_model(str(copy)).remarks
    assert "bert.encoder.layer.1.output.dense.weight" in remark and "random" in remark


def test_a_missing_pooler_is_not_worth_a_word(tmp_path):
    folder = saved(tiny_bert(), tmp_path / "model")
    edit_config(folder, architectures=["BertModel"])
    opened = open_model(str(folder))
    assert hasattr(opened.model, "pooler") and opened.remarks == ()


# --- what is refused


def refused(folder, match):
    with pytest.raises(Refused, match=match) as error:
        open_model(str(folder))
    assert str(error.value).rstrip().endswith((".", ")")), "a sentence"
    return str(error.value)


def test_other_weights_than_the_configuration_says(copy):
    save_file({"something.else": torch.zeros(3)}, copy / "model.safetensors", {"format": "pt"})
    refused(copy, "other weights")


def test_weights_of_another_shape(copy):
    edit_config(copy, hidden_size=32)
    refused(copy, "other weights")


def test_a_configuration_that_makes_no_sense(copy):
    edit_config(copy, hidden_size=15)
    refused(copy, "cannot be loaded: .*multiple")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers(copy, value):
    tensors = load_file(copy / "model.safetensors")
    tensors["bert.encoder.layer.1.output.dense.weight"][3, 2] = value
    save_file(tensors, copy / "model.safetensors", {"format": "pt"})
    refused(copy, "no numbers")


def test_pickles_are_not_opened(copy):
    tensors = load_file(copy / "model.safetensors")
    (copy / "model.safetensors").unlink()
    torch.save(tensors, copy / "pytorch_model.bin")
    assert "safetensors" in refused(copy, "only as a pickle")


def test_an_empty_folder(tmp_path):
    refused(tmp_path, "is no model")


def test_no_configuration(copy):
    (copy / "config.json").unlink()
    refused(copy, "config.json is missing")


def test_no_weights(copy):
    (copy / "model.safetensors").unlink()
    refused(copy, r"not whole: model.safetensors is missing\. Save")


def test_a_download_that_did_not_end(copy):
    (copy / "model.safetensors").rename(copy / "model.safetensors.1a2b.incomplete")
    refused(copy, "not downloaded to its end")


@pytest.mark.parametrize("kept", [0, 4, 100, -1])
def test_weights_that_are_cut_off(copy, kept):
    path = copy / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    refused(copy, "model.safetensors of model is cut off or damaged")


def test_weights_with_something_behind_them(copy):
    with (copy / "model.safetensors").open("ab") as file:
        file.write(b"more")
    refused(copy, "cut off or damaged")


@pytest.mark.parametrize("content", [b"\xff" * 8 + b"{}", b"\x02" + b"\0" * 7 + b"[]", b"<html>not a model</html>"])
def test_weights_that_are_something_else(copy, content):
    (copy / "model.safetensors").write_bytes(content)
    refused(copy, "cut off or damaged")


@pytest.mark.parametrize("content", ["{", "[]", "\xff"])
def test_a_configuration_that_cannot_be_read(copy, content):
    (copy / "config.json").write_bytes(content.encode("latin-1"))
    refused(copy, "config.json of model")


@pytest.mark.parametrize("content", ["{", "[]", '{"weight_map": {"a": "../x.safetensors"}}', '{"weight_map": 3}'])
def test_an_index_that_cannot_be_used(copy, content):
    (copy / "model.safetensors").unlink()
    (copy / "model.safetensors.index.json").write_text(content)
    refused(copy, "model.safetensors.index.json")


def test_programs_of_the_model_are_not_run(copy):
    edit_config(copy, model_type="mystery", auto_map={"AutoModel": "evil.Model"})
    (copy / "evil.py").write_text("raise SystemExit('it ran')")
    refused(copy, "programs of its own")


def test_what_the_library_is_told(bert, monkeypatch):
    from transformers import BertForMaskedLM

    told = []
    load = BertForMaskedLM.from_pretrained
    monkeypatch.setattr(BertForMaskedLM, "from_pretrained", lambda *a, **k: told.append(k) or load(*a, **k))
    open_model(str(bert))
    safe = {"use_safetensors": True, "trust_remote_code": False, "local_files_only": True}
    assert safe.items() <= told[0].items()


def test_an_unneeded_program_is_passed_over(copy):
    edit_config(copy, auto_map={"AutoConfig": "evil.Config", "AutoModelForMaskedLM": "evil.Model"})
    (copy / "evil.py").write_text("raise SystemExit('it ran')")
    assert type(open_model(str(copy)).model).__module__.startswith("transformers.")


def test_a_tokenizers_program_is_not_run(copy):
    said = json.loads((copy / "tokenizer_config.json").read_text())
    said |= {"tokenizer_class": "Evil", "auto_map": {"AutoTokenizer": ["evil.Evil", None]}}
    (copy / "tokenizer_config.json").write_text(json.dumps(said))
    (copy / "evil.py").write_text("raise SystemExit('it ran')")
    try:
        tokenizer = open_model(str(copy)).tokenizer
    except Refused:
        return
    assert type(tokenizer).__module__.startswith("transformers.")


def test_a_kind_that_nobody_knows(copy):
    edit_config(copy, model_type="mystery")
    refused(copy, "does not know: mystery")


def test_a_quantised_model(copy):
    edit_config(copy, quantization_config={"quant_method": "gptq", "bits": 4})
    refused(copy, "quantised")


def test_no_tokenizer(copy):
    (copy / "tokenizer.json").unlink()
    refused(copy, "no tokenizer")


def test_no_word_about_pictures(tmp_path):
    folder = saved(tiny_vit(), tmp_path / "model")
    (folder / "preprocessor_config.json").unlink()
    refused(folder, "preprocessor_config.json is missing")


def test_a_model_that_reads_neither_text_nor_pictures(copy):
    edit_config(copy, model_type="wav2vec2", architectures=["Wav2Vec2Model"])
    refused(copy, "takes input_values")


def test_a_model_too_large_for_the_memory(bert, monkeypatch):
    monkeypatch.setattr(device.Device, "free_bytes", lambda self: 1_000)
    refused(bert, "GB of memory")


def test_memory_that_runs_out(bert, monkeypatch):
    from transformers import BertForMaskedLM

    def fail(*_, **__):
        raise MemoryError

    monkeypatch.setattr(BertForMaskedLM, "from_pretrained", fail)
    refused(bert, "not enough memory")


# --- built in


@pytest.fixture
def built_in(bert, monkeypatch):
    """The tiny BERT as a built-in model."""
    found = checkpoint._sha256(bert / "model.safetensors", 0, 0)
    card = cards.ModelCard("mini", str(bert), "encoder", "Mini", provenance="built in", folder=True, sha256=found)
    monkeypatch.setitem(SHELF, "mini", card)
    return card


def test_built_in_models_open_and_are_checked(built_in, monkeypatch):
    assert open_model("mini").revision == built_in.sha256[:12]
    monkeypatch.setitem(SHELF, "mini", replace(built_in, sha256="0" * 64, id=built_in.id + "/."))
    with pytest.raises(Refused, match=r"model.safetensors has changed"):
        open_model("mini")


def test_checksums_are_made_once(built_in, monkeypatch):
    opening.locate(built_in)
    monkeypatch.setattr(checkpoint.hashlib, "file_digest", lambda *_: pytest.fail("read again"))
    opening.locate(built_in)


def test_built_in_models_are_here_without_a_network(built_in):
    assert "mini" in shelf.available_offline()
    assert "gpt2" not in shelf.available_offline()


# --- names


def test_a_misspelt_name(built_in):
    with pytest.raises(Refused, match="Did you mean bert-base-uncased") as error:
        open_model("bert-base-uncase")
    assert "hub cannot be reached" in str(error.value)
    assert "Here without a network:" in str(error.value) and "mini" in str(error.value)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a b",
        "a/b/c",
        "-x",
        "x--y",
        "../x",
        "a/../b",
        "x..y",
        "x.git",
        "http://x.org/a",
        "a\0b",
        "é",
        "x" * 300,
    ],
)
def test_nonsense_is_never_looked_up(name, monkeypatch):
    monkeypatch.setattr(hub, "fetch", lambda *_: pytest.fail("looked up"))
    monkeypatch.setattr(hub, "cached_folder", lambda name, _: None if name in known() else pytest.fail("looked up"))
    with pytest.raises(Refused):
        open_model(name)


def known():
    return {name for card in SHELF.values() for name in (card.id, *card.also)}


def test_other_names_of_the_same_weights():
    assert shelf.card_for("google-bert/bert-base-uncased") is SHELF["bert-base-uncased"]


@pytest.mark.parametrize("name", ["some/model", "/etc", ".", "~", "assets/models"])
def test_where_only_the_shelf_is_open(name, monkeypatch, bert):
    monkeypatch.setenv("GAZE_ALLOW_ANY", "0")
    monkeypatch.chdir(shelf.Path(cards.__file__).parents[2])
    with pytest.raises(Refused, match="not on the shelf"):
        open_model(name)
    with pytest.raises(Refused, match="not on the shelf"):
        open_model(str(bert))
    assert shelf.card_for("gpt2") is SHELF["gpt2"]


@pytest.mark.parametrize(
    ("allow", "host", "allowed"),
    [
        (None, None, True),
        (None, "127.0.0.1", True),
        (None, "0.0.0.0", False),
        (None, "gaze.example.org", False),
        ("1", "0.0.0.0", True),
        ("0", "127.0.0.1", False),
        ("no", None, False),
    ],
)
def test_anything_allowed(monkeypatch, allow, host, allowed):
    for name, value in (("GAZE_ALLOW_ANY", allow), ("GAZE_HOST", host)):
        if value is not None:
            monkeypatch.setenv(name, value)
    assert shelf.anything_allowed() is allowed


def test_a_folder_that_is_not_there(tmp_path):
    refused(tmp_path / "nothing", "There is no folder")


# --- the cache of opened models


def test_the_cache_is_bounded_by_bytes(tmp_path, monkeypatch):
    folders = [str(saved(tiny_bert(), tmp_path / name)) for name in "abc"]
    size = opening.bytes_of(tiny_bert())
    monkeypatch.setenv("GAZE_MODEL_BYTES", str(2 * size + 100))
    a, b = open_model(folders[0]), open_model(folders[1])
    assert open_model(folders[0]) is a
    open_model(folders[2])
    assert opening._opened().bytes == 2 * size
    assert open_model(folders[0]) is a, "used lately, so kept"
    assert open_model(folders[1]) is not b, "the one unused for longest went"


def test_one_load_however_many_ask(bert, monkeypatch):
    loads, inside, go_on = [], threading.Event(), threading.Event()
    load = opening.load

    def slow(*given):
        loads.append(given)
        inside.set()
        assert go_on.wait(30)
        return load(*given)

    monkeypatch.setattr(opening, "load", slow)
    got = []
    threads = [threading.Thread(target=lambda: got.append(open_model(str(bert)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert inside.wait(30)
    go_on.set()
    for thread in threads:
        thread.join(60)
    assert len(got) == 8 and len({id(opened) for opened in got}) == 1 and len(loads) == 1


def test_a_failed_load_is_tried_again(copy):
    weights = (copy / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(b"")
    refused(copy, "damaged")
    (copy / "model.safetensors").write_bytes(weights)
    assert open_model(str(copy)).card.family == "encoder"


def test_importing_the_shelf_loads_no_model_library():
    import subprocess
    import sys

    code = "import sys, core.store.shelf, core.store.opening, core.device\n"
    code += "print(*{'torch', 'transformers', 'huggingface_hub'} & set(sys.modules))"
    root = shelf.Path(cards.__file__).parents[2]
    said = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == ""


# --- devices


@pytest.fixture
def fresh_device():
    device._device.cache_clear()
    yield
    device._device.cache_clear()


def test_device_by_name(monkeypatch, fresh_device):
    monkeypatch.setenv("GAZE_DEVICE", "CPU")
    found = device.best_device()
    assert (found.kind, found.place) == ("cpu", "cpu") and found.name
    assert found.name in device.describe()


@pytest.mark.parametrize("name", ["tpu", "cuda:99", "cuda:x", "cpu:1"])
def test_a_device_that_is_not_there(monkeypatch, fresh_device, name):
    monkeypatch.setenv("GAZE_DEVICE", name)
    with pytest.raises(Refused, match=r"GAZE_DEVICE is .* this machine has .*cpu"):
        device.best_device()


def test_the_gpu_is_taken_when_there_is_one(monkeypatch, fresh_device):
    monkeypatch.delenv("GAZE_DEVICE", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda place: f"Card {place}")
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    assert device.best_device() == device.Device("cuda", "cuda:0", "Card cuda:0")
    assert torch.backends.cudnn.allow_tf32 is False, "maps are read as numbers"


@pytest.mark.parametrize(
    ("kind", "free", "number_type"),
    [("cuda", 10.0, "float32"), ("cuda", 3.0, "bfloat16"), ("mps", 3.0, "bfloat16"), ("cpu", 10.0, "float32")],
)
def test_number_type(monkeypatch, kind, free, number_type):
    """A billion parameters take 4 or 2 GB, and 30 % more while they run."""
    monkeypatch.setattr(device.Device, "free_bytes", lambda self: free * 1e9)
    assert device.Device(kind, kind, "X").number_type(1_000_000_000) == number_type


@pytest.mark.parametrize(("kind", "free", "needed"), [("cuda", 2.0, "2.6"), ("cpu", 3.0, "5.2")])
def test_no_number_type_fits(monkeypatch, kind, free, needed):
    monkeypatch.setattr(device.Device, "free_bytes", lambda self: free * 1e9)
    with pytest.raises(Refused, match=f"needs {needed} GB of memory; X has {free} GB free"):
        device.Device(kind, kind, "X").number_type(1_000_000_000)


def test_parameters_are_counted_from_the_header(bert):
    found = checkpoint.parameters_in(bert / "model.safetensors", "x")
    assert found == sum(t.numel() for t in load_file(bert / "model.safetensors").values())
