"""Gold by hand: whose links stand where, files that do not fit, and what is said of two annotators."""

from types import SimpleNamespace

import pytest

from core.data.pairs import lesson
from core.data.uploads import keep_file
from core.requests import Gold, Pair
from core.types import Refused
from tests.apptest import components, page
from tests.drawn import said, unpacked
from ui.views.alignment import by_hand

PAIRS = (
    Pair(("the", "cat"), ("le", "chat"), "fr"),
    Pair(("a", "dog", "sat"), ("un", "chien"), "fr"),
)
SURE = Gold(frozenset({(0, 0), (1, 1)}), frozenset({(0, 0), (1, 1)}))


def test_nothing_is_said_of_agreement_before_both_have_linked():
    told = by_hand.said(PAIRS, [by_hand.NONE] * 2, [SURE, SURE], by_hand.OURS)
    assert told == "You have linked 0 of 2 pairs in French."
    assert by_hand.said(PAIRS, [SURE, by_hand.NONE], None, "") == "You have linked 1 of 2 pairs."
    assert by_hand.said(PAIRS, [SURE, by_hand.NONE], [None, SURE], "x.txt") == "You have linked 1 of 2 pairs."


def test_agreement_is_over_the_pairs_that_both_have_linked():
    other = Gold(frozenset({(0, 0)}), frozenset({(0, 0), (0, 1)}))
    told = by_hand.said(PAIRS, [SURE, by_hand.NONE], [other, SURE], "x.txt")
    # 4 cells, one of each kind: kappa 0; AER 1 - (1 + 1) / (2 + 1) and 1 - (1 + 1) / (2 + 2)
    assert told == (
        "You have linked 1 of 2 pairs. With x.txt, over 1 pair: 1 of 3 links are in both, kappa 0.00; "
        "AER of yours against theirs 0.33, of theirs against yours 0.50."
    )


def test_kappa_that_is_not_defined_is_not_a_number():
    pair = (Pair(("a",), ("b",)),)
    one = Gold(frozenset({(0, 0)}), frozenset({(0, 0)}))
    assert "1 of 1 links are in both, kappa is not defined; AER" in by_hand.said(pair, [one], [one], "x.txt")


@pytest.mark.parametrize(
    ("others", "says"),
    [
        (PAIRS[:1], "The other file has 1 pairs, yours 2"),
        (
            (PAIRS[0], Pair(("a", "fox", "sat"), ("un", "chien"))),
            "Pair 2: the words of the source have changed, word 2 is 'fox' there and 'dog' here",
        ),
        (
            (PAIRS[0], Pair(("a", "dog", "sat"), ("un", "chien", "!"))),
            "Pair 2: the words of the translation have changed, it has 3 words there and 2 here",
        ),
    ],
)
def test_links_of_words_that_changed_are_refused(others, says):
    with pytest.raises(Refused) as refusal:
        by_hand.same_words(PAIRS, others)
    assert str(refusal.value).startswith(says)
    assert by_hand.same_words(PAIRS, PAIRS) == [None, None]


def test_the_page_opens_on_a_pair_without_links():
    at = page("alignment", view="By hand", language="German")
    header, _ = unpacked(components(at)[0].proto.bytes)
    pair = lesson("de")[0]
    assert (header["source"], header["target"]) == (list(pair.source), list(pair.target))
    assert header["own"] == {"sure": [], "possible": []} and header["other"] is None and header["count"] == 8
    assert "You have linked 0 of 8 pairs in German." in said(at)
    assert at.button(key="alignment:judge").disabled


def test_what_was_linked_is_kept_scored_and_handed_on():
    at = page("alignment", view="By hand")
    pairs = lesson("fr")
    golds = [by_hand.NONE] * 8
    golds[0] = pairs[0].gold
    at.session_state["alignment/hand links"] = {by_hand.set_key(pairs): golds}
    at.session_state["alignment:see_other"] = True
    at.run()
    header, _ = unpacked(components(at)[0].proto.bytes)
    assert (
        header["own"]
        == header["other"]
        == {
            "sure": sorted(map(list, pairs[0].gold.sure)),
            "possible": sorted(map(list, pairs[0].gold.possible - pairs[0].gold.sure)),
        }
    )
    assert "You have linked 1 of 8 pairs in French. With" in said(at) and "1.00; " in said(at)
    at.button(key="alignment:judge").click().run()
    assert not at.exception and "1 pair of by hand.txt" in said(at)


def test_links_are_followed_and_older_messages_are_not_heard(monkeypatch):
    reruns, memory = [], {}
    monkeypatch.setattr(by_hand.st, "rerun", lambda: reruns.append(1))
    monkeypatch.setattr(by_hand, "PAGE", SimpleNamespace(memory=memory))
    golds = [by_hand.NONE] * 2

    def hear(turn: int, sure=(), possible=(), place: int = 1, step: int = 0) -> None:
        linked = {"place": place, "sure": sure, "possible": possible, "turn": turn, "step": step}
        by_hand.follow(SimpleNamespace(linked=linked), golds, 2)

    hear(4, [[0, 1]], [[2, 0]])
    assert golds[1] == Gold(frozenset({(0, 1)}), frozenset({(0, 1), (2, 0)})) and memory == {"hand turn": 4}
    hear(3)
    assert golds[1].sure and len(reruns) == 1
    hear(5, [[0, 0]], place=0, step=1)
    assert golds[0].sure == {(0, 0)} and memory["hand place"] == 1
    hear(6, step=1)
    assert memory["hand place"] == 1 and golds[1] == by_hand.NONE and len(reruns) == 3
    hear(7, place=2)
    by_hand.follow(SimpleNamespace(linked=None), golds, 2)
    assert len(reruns) == 3


def test_a_file_that_the_box_does_not_show_can_be_taken_out():
    at = page("alignment", view="File")
    at.session_state["alignment/own brought"] = [keep_file("by hand.txt", b"the cat ||| le chat ||| 0-0 1-1\n")]
    at.run()
    assert "1 pair of by hand.txt" in said(at)
    at.button(key="alignment:take out").click().run()
    assert not at.exception and "8 pairs of the example" in said(at)
