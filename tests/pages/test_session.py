"""What a page remembers: its choices, its address, its last good answers and its history, without a browser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st_
from streamlit.testing.v1 import AppTest

from ui import address


def app(script, **query) -> AppTest:
    at = AppTest.from_function(script)
    for name, value in query.items():
        at.query_params[name] = value
    return run(at)


def run(at: AppTest) -> AppTest:
    at.run()
    assert not at.exception
    return at


def two_pages():
    """One script for two pages: which one is drawn is a choice of the test."""
    import streamlit as st

    from ui import widgets
    from ui.session import Session

    page = Session(st.session_state.get("which", "one"))
    with page.drawn():
        text = widgets.text_box(page, st, "Text", "text", f"first of {page.name}")
        if not st.session_state.get("away"):
            number = widgets.slider(page, st, "n", "n", 1, 9, 4)
            st.write(number)
        widgets.segments(page, st, "View", "view", ["Map", "Table"])
        st.write(text)


def test_two_pages_share_no_choice():
    at = app(two_pages)
    at.text_input[0].set_value("mine")
    at.slider[0].set_value(7)
    run(at)
    at.session_state["which"] = "two"
    run(at)
    assert at.text_input[0].value == "first of two" and at.slider[0].value == 4
    at.session_state["which"] = "one"
    run(at)
    assert at.text_input[0].value == "mine" and at.slider[0].value == 7


def test_a_choice_is_kept_while_its_widget_is_away():
    at = app(two_pages)
    at.slider[0].set_value(7)
    run(at)
    at.slider[0].set_value(8)
    run(at)
    at.session_state["away"] = True
    run(at)
    run(at)
    assert not at.slider
    at.session_state["away"] = False
    run(at)
    assert at.slider[0].value == 8


def test_the_address_is_read_on_arrival_alone():
    at = app(two_pages, text="asked", n="7", view="Table")
    assert (at.text_input[0].value, at.slider[0].value) == ("asked", 7)
    assert at.session_state["one:view"] == "Table"
    at.text_input[0].set_value("typed")
    run(at)
    assert at.text_input[0].value == "typed"
    at.session_state["which"] = "two"
    run(at)
    assert at.text_input[0].value == "first of two"


@pytest.mark.parametrize("n", ["0", "10", "nan", "seven", "", "1e400", "4.5"])
def test_a_slip_in_the_address_begins_like_none(n):
    at = app(two_pages, n=n, view="Nothing", text="x" * 30_000)
    assert at.slider[0].value == 4 and at.session_state["one:view"] == "Map"
    assert at.text_input[0].value == "first of one"


def written():
    import streamlit as st

    from ui import widgets
    from ui.session import Session

    page = Session("one")
    with page.drawn():
        widgets.text_box(page, st, "Text", "text", "first")
        widgets.several(page, st, "Models", "models", ["a", "b", "c"], ["a"])
        widgets.toggle(page, st, "On", "on")
        widgets.slider(page, st, "Heat", "heat", 0.5, 5.0, 1.0)
        page.note("edits", ["X=1"] if st.session_state.get("edited") else [])
    st.session_state["seen"] = page.address()


def test_the_address_holds_what_differs_from_the_beginning():
    at = app(written)
    assert at.session_state["seen"] == {}
    at.text_input[0].set_value("other")
    at.multiselect[0].set_value(["c", "b"])
    at.toggle[0].set_value(True)
    at.slider[0].set_value(2.5)
    at.session_state["edited"] = True
    run(at)
    assert at.session_state["seen"] == {
        "text": ["other"], "models": ["c", "b"], "on": ["true"], "heat": ["2.5"], "edits": ["X=1"],
    }  # fmt: skip
    again = app(written, **at.session_state["seen"])
    assert again.session_state["seen"] | {"edits": ["X=1"]} == at.session_state["seen"]
    at.text_input[0].set_value("first")
    at.multiselect[0].set_value([])
    run(at)
    assert "text" not in at.session_state["seen"] and at.session_state["seen"]["models"] == [""]


def questions():
    import streamlit as st

    from core.types import Refused
    from ui import widgets
    from ui.session import Session

    page = Session("one")

    def answer(text: str) -> str:
        if text in ("", st.session_state.get("broken")):
            raise Refused(f"{text!r} is no text")
        return text.upper()

    with page.drawn():
        text = widgets.text_box(page, st, "Text", "text", "first")
        st.session_state["found"] = page.ask_or_last_good(lambda: text, answer, lambda: "first")
        st.session_state["went on"] = st.session_state.get("went on", 0) + 1


def advice(at: AppTest) -> str:
    return " ".join(m.proto.body for m in at.get("html"))


def test_the_last_good_question_stays_where_one_is_refused():
    at = app(questions)
    at.text_input[0].set_value("cat")
    run(at)
    assert at.session_state["found"] == ("cat", "CAT") and not advice(at)
    at.text_input[0].set_value("")
    run(at)
    assert at.session_state["found"] == ("cat", "CAT") and "is no text" in advice(at)
    at.session_state["broken"] = "cat"
    run(at)
    assert at.session_state["found"] == ("first", "FIRST")


def what_goes_while_it_is_drawn():
    import streamlit as st

    from core.types import Refused
    from ui.session import Session

    page = Session("one")

    @page.drawn()
    def main():
        st.write("drawn")
        raise Refused("There is no folder 'x' any more. Choose another model.")

    main()


def test_what_goes_while_a_page_is_drawn_is_advice_on_it():
    at = app(what_goes_while_it_is_drawn)
    assert at.markdown[0].value == "drawn"
    assert any("no folder" in one.proto.body and 'role="alert"' in one.proto.body for one in at.get("html"))


def test_a_page_whose_first_question_is_refused_ends_with_its_advice():
    at = AppTest.from_function(questions)
    at.session_state["broken"] = "first"
    run(at)
    assert "first&#x27; is no text" in advice(at) and "went on" not in at.session_state


def with_steps():
    import streamlit as st

    from ui import session, widgets
    from ui.session import Session

    page = Session("one")
    session.travel(st.session_state.pop("go", None))
    with page.drawn():
        widgets.text_box(page, st, "Text", "text", "0")
        widgets.toggle(page, st, "Kept", "kept", linked=False)
        asked = page.asked("place")
        if asked is not None:
            page.memory["place"] = asked
        page.note("place", [page.memory.get("place") or ""])


def screens():
    """A page of two screens, one of which has a choice of its own."""
    import streamlit as st

    from ui import session, widgets

    session.travel(st.session_state.pop("go", None))
    page = session.Session("one")
    with page.drawn():
        if widgets.segments(page, st, "Screen", "screen", ["A", "B"]) == "B":
            widgets.slider(page, st, "n", "n", 1, 9, 4)


def test_a_step_in_the_history_brings_back_what_its_address_says():
    at = app(with_steps)
    at.text_input[0].set_value("1")
    at.toggle[0].set_value(True)
    run(at)

    def go(query: str, turn: int) -> str:
        at.session_state["go"] = {"page": "one", "query": query, "turn": turn}
        run(at)
        return at.text_input[0].value

    assert go("?text=2+%26+3&place=5", 1) == "2 & 3" and at.session_state["one/place"] == "5"
    assert at.session_state["session:turn"] == 1
    assert go("", 2) == "0" and not at.session_state["one/place"]
    assert at.toggle[0].value and at.session_state["session:turn"] == 2
    at.text_input[0].set_value("4")
    run(at)
    assert at.text_input[0].value == "4"


def test_a_step_brings_also_what_was_not_drawn_before():
    at = app(screens)
    at.session_state["go"] = {"page": "one", "query": "?screen=B&n=7&lesson=x", "turn": 1}
    run(at)
    assert at.slider[0].value == 7
    at.session_state["go"] = {"page": "one", "query": "?screen=A", "turn": 2}
    run(at)
    at.session_state["go"] = {"page": "one", "query": "?screen=B", "turn": 3}
    run(at)
    assert at.slider[0].value == 4  # nothing of an earlier step is left


@given(st_.lists(st_.text(min_size=1), min_size=1, max_size=8, unique=True), st_.data())
def test_what_is_written_is_read_again(options, data):
    form = address.several(options)
    chosen = data.draw(st_.lists(st_.sampled_from(options), unique=True))
    assert form.read(form.write(chosen)) == chosen
    one = data.draw(st_.sampled_from(options))
    assert address.choice(options).read(address.choice(options).write(one)) == one


@given(st_.integers(-1000, 1000), st_.floats(-5, 5))
def test_numbers_are_read_again_or_refused(whole, part):
    form = address.number(-10, 10)
    if abs(whole) <= 10:
        assert form.read(form.write(whole)) == whole
    else:
        with pytest.raises(ValueError):
            form.read(form.write(whole))
        assert abs(form.fit(whole)) == 10
    assert address.number(-5.0, 5.0).read(address.number(-5.0, 5.0).write(part)) == pytest.approx(part, rel=1e-4)


def test_a_text_too_long_for_an_address_stays_where_it_was_typed():
    at = app(written)
    at.text_input[0].set_value("x" * 30_000)
    run(at)
    run(at)
    assert at.text_input[0].value == "x" * 30_000 and "text" not in at.session_state["seen"]


@pytest.mark.parametrize(
    "place", [None, 3, [], {"page": 3, "query": ""}, {"page": "nowhere", "query": ""}, {"page": "../run", "query": ""}]
)
def test_nobody_is_led_where_there_is_no_page(place):
    from ui.leading import lead

    lead(place)  # and nothing is drawn, so nothing can have been switched
