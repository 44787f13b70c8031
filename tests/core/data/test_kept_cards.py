"""Where cards of heads are kept: beside a built-in model, on the disk, and of which weights."""

import dataclasses
import os

import numpy as np
import pytest

from core.data import kept_cards as store
from core.data.head_cards import as_file, from_file
from core.data.kept_cards import folder, keep_cards, kept_cards, mark_of, shipped_file
from core.store.shelf import SHELF
from tests.checkpoints import saved, tiny_bert
from tests.core.data.test_head_cards import made_up

BUILT_IN = [name for name, card in SHELF.items() if card.sha256 and card.family in
            ("encoder", "decoder", "encoder-decoder", "recurrent")]  # fmt: skip


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The name of a checkpoint in a folder of somebody's own, with an empty place for cards."""
    monkeypatch.setenv("GAZE_ALLOW_ANY", "1")
    monkeypatch.setenv("GAZE_FOLDER", str(tmp_path / "kept"))
    return str(saved(tiny_bert(), tmp_path / "own"))


def cards_of(model: str, **more):
    return dataclasses.replace(made_up(np.full((1, 2, 2, 3), 1 / 3), model=model), mark=mark_of(model), **more)


@pytest.mark.parametrize("model", BUILT_IN)
def test_built_in_models_ship_cards_of_their_own_weights(model):
    path = shipped_file(model, "en")
    cards = kept_cards(model, "en")
    assert cards is not None and cards.mark == mark_of(model) and cards.sentences == 1_000
    assert path.stat().st_size <= 300_000
    assert as_file(from_file(path.read_bytes())) == path.read_bytes()


def test_what_was_measured_is_kept_on_the_disk_until_the_weights_change(own, tmp_path):
    assert kept_cards(own, "en") is None
    keep_cards(cards_of(own))
    kept = kept_cards(own, "en")
    assert kept is not None and kept.model == own and kept_cards(own, "de") is None
    assert [path.parent for path in tmp_path.rglob("*.json.gz")] == [tmp_path / "kept" / "heads"]
    saved(tiny_bert(width=8), tmp_path / "own")
    os.utime(tmp_path / "own" / "model.safetensors", (1, 1))
    assert kept_cards(own, "en") is None


def test_a_broken_file_is_no_card(own, tmp_path):
    keep_cards(cards_of(own))
    for path in tmp_path.rglob("*.json.gz"):
        path.write_bytes(path.read_bytes()[:40])
    assert kept_cards(own, "en") is None


def test_the_oldest_make_room(own, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MOST_FILES", 2)
    for moment, language in enumerate(("en", "de", "fr")):
        keep_cards(cards_of(own, language=language))
        for path in set(tmp_path.rglob("*.json.gz")):
            if path.stat().st_mtime > 1_000:
                os.utime(path, (moment, moment))
    assert [language for language in ("en", "de", "fr") if kept_cards(own, language)] == ["de", "fr"]


def test_after_the_clock_was_set_back_the_newest_stay(own, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MOST_FILES", 2)
    for language in ("en", "de", "fr"):
        keep_cards(cards_of(own, language=language))
        for path in tmp_path.rglob("*.json.gz"):
            tomorrow = path.stat().st_mtime + 86_400
            os.utime(path, (tomorrow, tomorrow))
    assert kept_cards(own, "fr") and sum(1 for _ in tmp_path.rglob("heads/*.json.gz")) == 2


def test_a_disk_that_cannot_be_written_is_no_fault(own, tmp_path):
    (tmp_path / "kept").write_text("a file where the folder should be")
    keep_cards(cards_of(own))
    assert kept_cards(own, "en") is None


def test_the_folder_is_the_users_own(monkeypatch):
    monkeypatch.delenv("GAZE_FOLDER")
    assert folder().name == "gaze"
