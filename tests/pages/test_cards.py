"""Cards of heads: what the page says of one, which heads its sliders leave, and the ways to a head and back."""

from urllib.parse import parse_qs

import numpy as np
import pytest

from core.data.head_cards import Edge, HeadCards
from core.data.kept_cards import kept_cards
from tests.apptest import address, components, page
from tests.checkpoints import saved, tiny_bert
from tests.core.data.test_head_cards import made_up
from tests.drawn import said, unpacked
from ui.components.board.view import BoardSide, rows_of
from ui.views.attention import cards, finder, looked_at

MAPS = np.full((2, 2, 2, 3), 1 / 3)  # by number: entropy and share of the previous token are 0, .1, .2, .3


def with_edges(**shares: float) -> HeadCards:
    """Cards whose head 2.2 has these strongest edges."""
    found = made_up(MAPS)
    kind = found.kinds[0]
    kind.edges.clear()
    for name, share in shares.items():
        kind.edges[name] = np.array([[0, 0], [0, share]])
    return found


def test_a_name_is_a_share_of_the_sentences():
    told = cards.sentence(with_edges(previous=0.87, first=0.1), ("encoder", 1, 1))
    assert told == (
        "In 87 % of 3 English sentences (2 written by people, the others by a grammar), the strongest edge of "
        "encoder 2.2 is the previous token."
    )
    told = cards.sentence(with_edges(previous=0.3, subword=0.6), ("encoder", 1, 1))
    assert told.endswith("is another piece of its own word. In 30 % it is the previous token.")


def test_a_head_without_a_pattern_is_given_no_name():
    told = cards.sentence(with_edges(previous=0.24, rare=0.1), ("encoder", 1, 1))
    assert told.startswith("No pattern here names encoder 2.2: in 3 English sentences")


def test_bounds_choose_heads():
    some = made_up(MAPS)
    assert finder.fitting(some, {"edge previous": 0.2}) == [("encoder", 1, 0), ("encoder", 1, 1)]
    assert finder.fitting(some, {"entropy": 0.1}) == [("encoder", 0, 0), ("encoder", 0, 1)]
    assert finder.fitting(some, {"edge previous": 0.1, "entropy": 0.1}) == [("encoder", 0, 1)]
    assert finder.fitting(some, {"same": 0.1}) == []  # no sentence has one word twice
    assert len(finder.fitting(some, {})) == 4
    told = finder.told(some, {"edge previous": 0.2}, finder.fitting(some, {"edge previous": 0.2}))
    assert told == "2 of 4 heads fit: encoder 2.1, encoder 2.2"
    assert finder.told(some, {"same": 0.1}, []) == "0 of 4 heads fit: lower a bound."


def test_all_numbers_can_be_taken_away():
    table = finder.numbers(made_up(MAPS)).columns
    assert list(table["layer"]) == [1, 1, 2, 2] and list(table["head"]) == [1, 2, 1, 2]
    assert list(table["strongest edge: previous"]) == [0, 0.1, 0.2, 0.3] == list(table["mean: entropy"])
    assert list(table["spread: entropy"]) == [0, 0.05, 0.1, 0.15] and np.isnan(table["mean: same"]).all()


def test_the_board_begins_with_what_its_colour_says():
    assert cards.beginning(made_up(MAPS), "edge previous") == ("encoder", 1, 1)
    assert cards.beginning(with_edges(next=0.4), "edge next") == ("encoder", 1, 1)
    assert cards.beginning(made_up(MAPS), "same") == ("encoder", 0, 0)  # where nothing can be said


def test_tokens_are_joined_to_words_and_marked():
    line = cards.tokens((" [CLS]", " Ho", "t", " <b>"), {2: "answers", 3: "asks"})
    assert line == ('<bdi dir="auto">[CLS] Ho<mark class="answers">t</mark> <mark class="asks">&lt;b&gt;</mark></bdi>')


def test_of_an_edge_it_is_marked_who_looks_at_what():
    row = cards.edge_row(made_up(MAPS), "encoder", Edge(0, 1, 0, 0.25))
    assert '<mark class="answers">a</mark> <mark class="asks">b</mark>' in row and "25 %" in row


def test_a_head_is_named_by_the_address_and_only_if_the_model_has_it():
    at = page("attention", show="Cards", model="mini-bert-wordpiece", card="encoder 2.3")
    assert "Encoder head 2.3" in said(at) and address(at, "attention")["card"] == ["encoder 2.3"]
    for wrong in ("encoder 9.9", "nonsense", "cross 1.1"):
        at = page("attention", show="Cards", model="mini-bert-wordpiece", card=wrong)
        assert "Encoder head 3.1" in said(at) and "card" not in address(at, "attention")


def test_a_step_back_goes_back_to_the_head_that_was_looked_at():
    at = page("attention", show="Cards", model="mini-bert-wordpiece", card="encoder 2.3")
    for query, head in (("show=Cards&model=mini-bert-wordpiece", "3.1"), ("show=Cards&card=encoder+1.2", "1.2")):
        asked = {name: [value] for name, value in (("card", parse_qs(query).get("card", [""])[0]),)}
        at.session_state["attention/session asked"] = asked
        at.run()
        assert f"Encoder head {head}" in said(at)


def test_the_page_draws_what_the_cards_hold():
    at = page("attention", show="Cards", model="mini-bert-wordpiece", find_previous="50")
    shipped = kept_cards("mini-bert-wordpiece", "en")
    assert shipped is not None
    share = shipped.kinds[0].edges["previous"]
    header, arrays = unpacked(components(at)[0].proto.bytes)
    np.testing.assert_allclose(arrays["encoder"], share.astype(np.float32))
    (side,) = header["sides"]
    assert header["choosing"] and side["off"] == [[2, 0]]
    assert sorted(map(tuple, side["faint"])) == [tuple(map(int, at)) for at in np.argwhere(share < 0.5)]
    assert f"In {100 * share[2, 0]:.0f} % of 1,000 English" in said(at).replace("\N{NO-BREAK SPACE}", " ")
    assert said(at).count('class="asks"') == len(shipped.kinds[0].strongest[2][0])


def test_heads_that_cannot_have_a_pattern_have_no_number():
    at = page("attention", show="Cards", model="translator")
    _, arrays = unpacked(components(at)[0].proto.bytes)
    assert np.isnan(arrays["cross"]).all() and not np.isnan(arrays["encoder"]).any()


def test_what_is_saved_of_the_board_does_not_call_the_head_that_is_looked_at_off():
    side = BoardSide("encoder", np.array([[0.5, np.nan]]), frozenset({(0, 0)}))
    assert rows_of([side], "share", choosing=True)[0] == {"kind": "encoder", "layer": 1, "head": 1, "share": 0.5}
    assert rows_of([side], "share")[0]["off"] is True


def test_a_translators_cards_say_what_was_read_and_written():
    found = said(
        page("attention", show="Cards", model="translator", card="cross 4.1", by="strongest edge: first token")
    )
    assert "Cross head 4.1" in found and "translated into French by the model itself" in found and " ← " in found


def test_a_head_of_another_model_is_one_click_away():
    at = page("attention", show="Cards", model="mini-bert-wordpiece")
    button = next(one for one in at.button if "mini-xlmr-sentencepiece" in str(one.key))
    assert button.label.startswith("3.4 · ")
    button.click().run()
    assert not at.exception and at.session_state["attention:model"] == "mini-xlmr-sentencepiece"
    assert "Encoder head 3.4" in said(at)


def test_a_sentence_opens_in_heads_with_its_edge_held():
    at = page("attention", show="Cards", model="mini-bert-wordpiece")
    shipped = kept_cards("mini-bert-wordpiece", "en")
    assert shipped is not None
    edge = shipped.kinds[0].strongest[2][0][1]
    at.selectbox(key="attention:edge").select_index(1).run()
    assert not at.exception and at.session_state["attention:text"] == shipped.texts[edge.sentence].text
    header, _ = unpacked(components(at)[0].proto.bytes)
    wanted = {"kind": "encoder", "layer": 2, "head": 0, "row": edge.query, "column": edge.key, "turn": 1}
    assert header["start"] == wanted
    assert header["kinds"][0]["rows"][edge.query]["index"] == edge.query


def test_without_being_led_a_picture_begins_as_before():
    at = page("attention", model="mini-bert-wordpiece")
    header, _ = unpacked(components(at)[0].proto.bytes)
    assert header["start"]["turn"] == 0 and "row" not in header["start"]
    assert looked_at.written(("cross", 2, 4)) == "cross 3.5"


@pytest.mark.slow
def test_what_nobody_measured_is_measured_when_it_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("GAZE_FOLDER", str(tmp_path / "kept"))
    at = page("attention", show="Cards", model="mini-bert-wordpiece", spoken="Hindi")
    assert "Encoder head" not in said(at) and not list(tmp_path.rglob("*.json.gz"))
    button = at.button(key="attention:measure")
    assert button.label == "Measure over 1,000 sentences"
    button.click().run(timeout=120)
    assert not at.exception and "Encoder head" in said(at) and len(list(tmp_path.rglob("*.json.gz"))) == 1
    at = page("attention", show="Cards", model="mini-bert-wordpiece", spoken="Hindi")
    assert "Encoder head" in said(at)  # somebody else's visit


def test_any_folder_offers_to_be_measured(any_folder, tmp_path):
    at = page("attention", show="Cards", model=str(saved(tiny_bert(), tmp_path / "own")), spoken="Arabic")
    assert at.button(key="attention:measure") and "is measured over 1,000 built-in sentences" in said(at)
