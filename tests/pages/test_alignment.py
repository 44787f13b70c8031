"""The Word alignment page: its message to the browser, its views, nonsense, and linked hovering in a browser."""

import io
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data.pairs import lesson, parse
from core.figures.alignment import Curve, by_layer
from core.measures.alignment import LinkScores
from core.store.shelf import available_offline
from tests.apptest import SHELL, components, taken
from tests.drawn import said, unpacked
from ui.components.pair.message import Label, PairSide, pair_payload
from ui.views.alignment import own_file

MODELS = ("mini-bert-wordpiece", "mini-xlmr-sentencepiece", "translator")


BUILT_IN = pytest.mark.skipif(not set(MODELS) <= set(available_offline()), reason="the built-in models are not here")


def test_the_message_by_hand():
    values = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    rows, columns = (Label("c", 0), Label("at", 0)), (Label("ch", 0), Label("a", 0, True), Label("t", 1))
    links = (frozenset({(1, 2), (0, 0)}), frozenset())
    scores = (LinkScores(1, 0.5, 2 / 3, 0.3), LinkScores(0, 0, 0, 1))
    side = PairSide(
        "one", "cosine", rows, columns, (0, 1), 1, values, links, (frozenset({(0, 0)}), frozenset()), scores
    )
    gold = (frozenset({(0, 0)}), frozenset({(0, 0), (0, 1)}))
    header, arrays = unpacked(pair_payload(("cat",), ("cha", "t"), (side, side), gold))
    assert list(arrays) == ["side 0", "side 1"] and np.array_equal(arrays["side 1"], values)
    assert header["gold"] == {"sure": [[0, 0]], "possible": [[0, 1]]}
    assert header["sides"][0]["rows"] == [["c", 0, 0], ["at", 0, 0]] and header["sides"][1]["columns"][1] == ["a", 0, 1]
    assert header["sides"][0]["links"] == [[[0, 0], [1, 2]], []] and header["sides"][0]["start"] == 1
    assert header["sides"][0]["scores"][0][1] == 0.5
    with pytest.raises(ValueError, match="do not meet"):
        PairSide("one", "cosine", rows, rows, (0, 1), 1, values, links, links, None)


def test_curves_carry_every_model_in_every_panel():
    low, mid, high = (LinkScores(v, v, v, 1 - v) for v in (0.5, 0.6, 0.7))
    curves = tuple(Curve(name, (0, 1), (mid, high), ((low, high), (low, high))) for name in ("A x", "B y"))
    figure = by_layer(curves, 400)
    lines = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert len(lines) == 8 and [trace.name for trace in lines[:2]] == ["A x", "B y"]
    assert lines[0].y == (0.6, 0.7) and lines[2].y == pytest.approx((0.4, 0.3))
    assert lines[0].line.dash != lines[1].line.dash and lines[0].marker.symbol != lines[1].marker.symbol
    assert figure.layout.yaxis.range[0] <= 0.5 and figure.layout.yaxis2.range[0] < 0 < figure.layout.yaxis2.range[1]


@pytest.mark.parametrize("first", [0, 1])
def test_the_example_file_is_read_back_whole(first):
    again = parse(own_file.as_file(lesson("ja"), first).encode(), first)
    assert [(p.source, p.target, p.gold) for p in again] == [(p.source, p.target, p.gold) for p in lesson("ja")]


@pytest.fixture
def visit():
    """visit(**query): the page as it stands after its first run."""

    def go(**query) -> AppTest:
        at = AppTest.from_file(SHELL, default_timeout=90)
        for name, value in query.items():
            at.query_params[name] = value
        at.switch_page("../pages/alignment.py").run()
        assert not at.exception
        return at

    return go


def header_of(at: AppTest) -> dict:
    return unpacked(components(at)[0].proto.bytes)[0]


@BUILT_IN
def test_it_opens_with_a_pair_two_models_and_gold(visit):
    at = visit(a=MODELS[0], b=MODELS[1])
    header = header_of(at)
    assert header["source"][:3] == ["The", "old", "man"] and header["names"] == ["English", "French"]
    assert [side["name"] for side in header["sides"]] == list(MODELS[:2])
    assert header["gold"]["sure"] and all(side["scores"] for side in header["sides"])
    assert "Nearest to" in said(at) and "What you see" in said(at)


@BUILT_IN
def test_another_language_pair_and_method(visit):
    at = visit(a=MODELS[0], b=MODELS[1], language="Japanese", method="match", units="words")
    header = header_of(at)
    assert "".join(header["target"]) == lesson("ja")[6].target_text
    side = header["sides"][0]
    assert len(side["rows"]) == len(header["source"]) and len(side["columns"]) == len(header["target"])
    assert all(len(links) == min(len(side["rows"]), len(side["columns"])) for links in side["links"])
    at.selectbox(key="alignment:example").set_value(2).run()
    assert "".join(header_of(at)["target"]) == lesson("ja")[2].target_text and not at.exception
    at.selectbox(key="alignment:language").set_value("Arabic").run()
    assert header_of(at)["names"] == ["English", "Arabic"] and "without this language" in said(at)


@BUILT_IN
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"target": " "}, "translation is empty"),
        ({"source": "cat " * 80}, "80 words"),
        ({"a": "nobody/nothing"}, "nobody/nothing"),
        ({"a": "translator", "language": "Arabic"}, "does not write"),
        ({"view": "nonsense", "method": "nonsense", "units": "9", "language": "Klingon", "kappa": "x"}, ""),
        ({"source": "<img src=x onerror=1>", "target": "\u202ekatze"}, "Nobody aligned this pair"),
    ],
)
def test_nonsense_gets_a_sentence_and_the_last_good_picture_stays(visit, query, says):
    at = visit(**({"a": MODELS[0], "b": MODELS[1]} | query))
    assert says in said(at)
    assert len(components(at)) == 1


@BUILT_IN
def test_what_a_tokenizer_does_not_know_is_said(visit):
    at = visit(a=MODELS[0], b=MODELS[1], source="peace to all", target="ሰላም ለሁሉም")
    assert "does not know" in said(at) and "of the translation" in said(at)
    assert "does not know" not in said(visit(a=MODELS[0], b=MODELS[1]))


@pytest.mark.slow
@BUILT_IN
def test_every_view(visit):
    at = visit(a=MODELS[0], b=MODELS[1], view="Layers")
    assert "Best over 64 pairs" in said(at)
    at = visit(a=MODELS[0], b=MODELS[1], view="Set", layer_a="2")
    table = at.dataframe[0].value
    assert list(table["language"])[-1] == "all" and len(table) == 9
    assert at.select_slider(key="alignment:layer_a").value == 2
    at = visit(a=MODELS[0], b=MODELS[1], view="File", language="German")
    assert len(at.dataframe[0].value) == 8 and "8 pairs of the example" in said(at)


def take(at: AppTest, title: str, form: str, query: str = "") -> bytes:
    return taken(at, "alignment", title, form, query)


@BUILT_IN
def test_links_and_matrices_of_the_pair_are_taken_away_at_the_layer_that_is_looked_at(visit):
    at = visit(a=MODELS[0], b=MODELS[1])
    side = header_of(at)["sides"][0]
    for query, place in (("", side["start"]), ("?layer_a=4", side["layers"].index(4))):
        said = take(at, f"Links: A {MODELS[0]}", "Pharaoh", query).decode()
        assert said == " ".join(f"{i}-{j}" for i, j in side["words"][place]) + "\n"
        with np.load(io.BytesIO(take(at, f"Cosine: A {MODELS[0]}", "NPZ", query))) as found:
            assert np.array_equal(found["values"], values_of(at)[place])
    gold = header_of(at)["gold"]
    assert take(at, "Links: gold", "Pharaoh").decode().split()[: len(gold["sure"])] == [
        f"{i}-{j}" for i, j in gold["sure"]
    ]
    assert "<tmx" in take(at, "Links: gold", "TMX").decode()


def values_of(at: AppTest) -> np.ndarray:
    return unpacked(components(at)[0].proto.bytes)[1]["side 0"]


@BUILT_IN
def test_pairs_of_the_set_stand_by_how_much_the_models_differ_and_open_as_pictures(visit):
    at = visit(a=MODELS[0], b=MODELS[1], view="Set", rows="pairs")
    table = at.dataframe[0].value
    assert len(table) == 64 and list(table["differ"]) == sorted(table["differ"], reverse=True)
    first = table.iloc[0]
    one = [set(text.split()) for text in links_in_line(at, first["pair"])]
    assert first["differ"] == pytest.approx(len(one[0] ^ one[1]) / len(one[0] | one[1]))
    gold = take(at, "Links: gold", "Pharaoh").decode().splitlines()[first["pair"] - 1].split()
    sure = {link for link in gold if "-" in link}
    both = {link.replace("p", "-") for link in gold}
    wrong = 1 - (len(one[0] & sure) + len(one[0] & both)) / (len(one[0]) + len(sure))
    assert first["AER A"] == pytest.approx(wrong)


def links_in_line(at: AppTest, number: int) -> list[str]:
    names = [f"Links: {letter} {model}" for letter, model in zip("AB", MODELS, strict=False)]
    return [take(at, name, "Pharaoh").decode().splitlines()[number - 1] for name in names]


@BUILT_IN
def test_the_boxes_follow_what_is_typed_or_step_aside(visit):
    at = visit(a=MODELS[0], b=MODELS[1])
    at.text_input(key="alignment:target").set_value("Der Hund schläft auf dem Sofa.").run()
    assert at.selectbox(key="alignment:language").value == "German"
    at.selectbox(key="alignment:language").set_value("Dutch").run()
    assert at.text_input(key="alignment:target").value == "Der Hund schläft auf dem Sofa."  # it stays
    at.selectbox(key="alignment:example").set_value(1).run()
    assert at.text_input(key="alignment:target").value == lesson("nl")[1].target_text
    assert at.selectbox(key="alignment:example").value is None
    at.selectbox(key="alignment:language").set_value("Arabic").run()
    assert at.text_input(key="alignment:target").value == lesson("ar")[1].target_text  # the same sentence


def send(at: AppTest, *files: tuple[str, str]) -> AppTest:
    at.file_uploader(key="alignment:own").set_value([(name, text.encode(), "") for name, text in files]).run()
    assert not at.exception
    return at


@BUILT_IN
def test_own_files_of_every_form_are_aligned(visit):
    at = visit(a=MODELS[0], b=MODELS[1], view="File")
    for files in (
        [("mine.tsv", "the cat sleeps\tle chat dort\nthe dog\tle chien\n")],
        [("mine.en", "the cat sleeps\nthe dog\n"), ("mine.fr", "le chat dort\nle chien\n")],
        [("mine.jsonl", '{"en": "the cat sleeps", "fr": "le chat dort"}\n{"en": "the dog", "fr": "le chien"}\n')],
    ):
        send(at, *files)
        table = at.dataframe[0].value
        assert list(table["source"]) == ["the cat sleeps", "the dog"] and list(table["translation"])[1] == "le chien"
        assert "2 pairs of mine" in said(at) and "F1 A" not in table
    assert "mine.jsonl: JSON." in said(at)


@BUILT_IN
def test_where_words_are_counted_from_is_asked_only_when_both_fit(visit):
    at = visit(a=MODELS[0], b=MODELS[1], view="File")
    send(at, ("one.txt", "the cat ||| le chat ||| 1-1 2-2\n"))
    assert not [one for one in at.segmented_control if one.key == "alignment:count"]
    assert "one.txt: links count words from 1." in said(at)
    score = at.dataframe[0].value["F1 A"][0]
    send(at, ("both.txt", "the cat ||| le chat ||| 1-1\n"))
    at.segmented_control(key="alignment:count").set_value("words from 1").run()
    assert score > 0 and at.session_state["alignment/aligned"].pairs[0].gold.sure == {(0, 0)}
    at.segmented_control(key="alignment:count").set_value("words from 0").run()
    assert at.session_state["alignment/aligned"].pairs[0].gold.sure == {(1, 1)}


@BUILT_IN
def test_a_file_is_there_after_another_page_until_it_is_taken_out(visit):
    at = send(visit(a=MODELS[0], b=MODELS[1], view="File"), ("mine.tsv", "the cat\tle chat\nthe dog\tle chien\n"))
    at.switch_page("../pages/tokenizers.py").run().switch_page("../pages/alignment.py").run()
    assert "2 pairs of mine.tsv" in said(at) and not at.exception
    send(at, ("other.tsv", "a cat\tun chat\n"))
    assert "1 pair of other.tsv" in said(at)
    at.file_uploader(key="alignment:own").clear().run()
    assert "8 pairs of the example" in said(at)


@BUILT_IN
def test_a_file_that_is_wrong_is_refused_and_the_example_stays(visit):
    at = send(visit(a=MODELS[0], b=MODELS[1], view="File"), ("a.en", "one\ntwo\n"), ("a.fr", "un\n"))
    assert "a.en has 2 lines, a.fr 1" in said(at) and "8 pairs of the example" in said(at)


@BUILT_IN
def test_a_file_that_is_stopped_leaves_the_one_before(visit):
    at = visit(a=MODELS[0], b=MODELS[0], view="File")
    done = at.session_state["alignment/aligned"]
    at.session_state["alignment/aligned"] = replace(
        done, key="before", name="mine.txt", pairs=done.pairs[:2], found=[some[:2] for some in done.found]
    )
    at.session_state["alignment/stopped own"] = done.key
    at.run()
    assert "Stopped" in said(at) and "2 pairs of mine.txt" in said(at)
    assert len(at.dataframe[0].value) == 2
    at.button(key="alignment:go on own").click().run()
    assert "Stopped" not in said(at) and len(at.dataframe[0].value) == len(done.pairs)


@BUILT_IN
def test_attention_hidden_pieces_and_a_translator(visit):
    at = visit(a="translator", b=MODELS[0], of="attention", hide="true", language="German")
    sides = header_of(at)["sides"]
    assert [side["measure"] for side in sides] == ["share of attention"] * 2
    assert any(hidden for _, _, hidden in sides[1]["columns"])


@BUILT_IN
def test_layers_of_an_own_file_with_gold(visit):
    at = visit(a=MODELS[0], b=MODELS[1], view="File")
    send(at, ("mine.txt", "the cat sleeps ||| le chat dort ||| 0-0 1-1 2-2\nthe dog ||| le chien\n"))
    at.segmented_control(key="alignment:view").set_value("Layers").run()
    assert at.segmented_control(key="alignment:over").options == ["this language", "all 64 pairs", "your file"]
    at.segmented_control(key="alignment:over").set_value("your file").run()
    assert not at.exception and "Best over 1 pair:" in said(at)
    table = np.load(io.BytesIO(take(at, "Scores of every layer", "NPZ")))
    assert set(table["model"]) == {f"A {MODELS[0]}", f"B {MODELS[1]}"} and table["AER"].min() >= 0
