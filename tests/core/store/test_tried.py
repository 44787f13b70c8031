"""The table of model types, as the page and the README say it."""

import json

from core.store import tried as table
from tests.apptest import ROOT, page


def test_numbers_are_those_of_the_table(tmp_path, monkeypatch):
    lines = [
        {"type": "a", "task": "causal", "outcome": "equal", "eager": "maps", "sentence": ""},
        {"type": "b", "task": "boxes", "outcome": "refused", "eager": "maps", "sentence": "boxes-b is none."},
        {"type": "c", "task": "masked", "outcome": "refused", "eager": "none", "sentence": "c has none."},
    ]
    (tmp_path / "table.json").write_text(json.dumps(lines))
    monkeypatch.setattr(table, "TABLE", tmp_path / "table.json")
    table.tried.cache_clear()
    try:
        assert table.equal_of_all() == (1, 2)
        assert [one.sentence for one in table.tried()] == ["", "b is none.", "c has none."]
    finally:
        monkeypatch.undo()
        table.tried.cache_clear()


def test_the_readme_and_the_page_say_the_same():
    equal, giving = table.equal_of_all()
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"Of {giving} model types of transformers that give attention, {equal} are shown" in readme
    said = " ".join(one.value for one in page("models").caption)
    assert f"Of {giving} model types of transformers that give attention, {equal} are shown here" in said
    assert {one.outcome for one in table.tried()} <= set(table.OUTCOMES)
    assert {one.task for one in table.tried()} <= set(table.TASKS)
