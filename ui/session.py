"""What a page remembers: its choices and their address, its memory, its last good answers, and what was looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import parse_qs

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.cache import LEFT, Cancelled
from core.store.kept_models import kept_model
from core.types import Refused
from ui import saving
from ui.address import Form
from ui.components import shown
from ui.components.address.view import address_view
from ui.components.lasting.view import lasting_view
from ui.components.offers.view import offers_view
from ui.memory import Memory as Memory
from ui.quiet import QUIET
from ui.widgets import advice

ARRIVED = "session:arrived"  # whether the address that the session began with was read
MOST_KEPT = 10  # models trained here that the boxes of a visitor offer
TURN = "session:turn"  # the latest step in the browser's history that was followed
Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Session:
    """The choices of one page: page["text"] is what its widget `text` holds, drawn or not.

    A handle without state of its own: two of the same name are the same page.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.memory = Memory(name)

    # --- choices ------------------------------------------------------------------------------------------------------

    def key(self, name: str) -> str:
        """The key of a widget of this page."""
        return f"{self.name}:{name}"

    def _record(self, name: str) -> dict[str, Any]:
        return self.memory.setdefault(f"session {name}", {})

    def __contains__(self, name: str) -> bool:
        return self.key(name) in st.session_state or name in self._record("kept")

    def __getitem__(self, name: str) -> Any:
        if self.key(name) in st.session_state:
            return st.session_state[self.key(name)]
        return self._record("kept")[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401 - this is get

    def __setitem__(self, name: str, value: Any) -> None:
        st.session_state[self.key(name)] = value
        if name in self._record("kept"):
            self._record("kept")[name] = value

    def __delitem__(self, name: str) -> None:
        """Forget a choice: its widget begins anew."""
        st.session_state.pop(self.key(name), None)
        self._record("kept").pop(name, None)

    def coming(self, name: str) -> str:
        """The text that a box will begin with if it is drawn now; empty where nobody chose one."""
        asked = self._record("asked").get(name)
        return asked[-1] if asked else str(self.get(name, ""))

    def later(self, name: str, value: Any) -> None:
        """Set a choice whose widget is drawn already: from the next run on."""
        self._record("later")[name] = value

    def update(self, **values: Any) -> None:
        for name, value in values.items():
            self[name] = value

    def begin(self, name: str, form: Form, default: Any) -> str:
        """Set what a widget begins with, and give its key.

        The address that somebody came by comes first, then what was chosen before, then the default; what is not
        allowed, or not any more, begins with what is nearest to it, else with the default.
        """
        kept, value, later = self._record("kept"), default, self._record("later")
        if name in later:
            self[name] = later.pop(name)
        asked = self._record("asked").pop(name, None)
        try:
            if asked is not None:
                value = form.read(asked)
            elif name in self:
                value = form.fit(self[name])
        except ValueError:
            value = default
        kept[name] = value
        key = self.key(name)
        # A value that is set again would take back what is being typed.
        if key not in st.session_state or st.session_state[key] != value:
            st.session_state[key] = value
        self._record("drawn")[name] = True
        return key

    def end(self, name: str, form: Form, default: Any, value: Any, *, linked: bool = True) -> None:
        """Keep what a widget gave; linked: note it for the address where it differs from the default."""
        self._record("kept")[name] = value
        if linked:
            self.note(name, [] if value is None or value == default else form.write(value))

    # --- the address --------------------------------------------------------------------------------------------------

    def note(self, name: str, values: list[str]) -> None:
        """What the address shall carry under a parameter of this page; nothing takes it out."""
        self._record("names")[name] = True
        self._record("address")[name] = values

    def asked(self, name: str) -> str | None:
        """What the address that somebody came by says under a parameter that is no widget's, once."""
        values = self._record("asked").pop(name, None)
        return values[-1] if values else None

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """Round what draws a page: reads the address on arrival, writes it when all is drawn."""
        self.arrive()
        LEFT.set(visitor_left())
        for name in ("drawn", "address"):
            self._record(name).clear()
        self.memory["session refused"] = False
        with QUIET.drawing(), saving.collecting() as taken, shown.noting() as pictures:
            try:
                yield
            except Refused as refusal:  # a model may go between its answer and the picture of it
                self.refuse(refusal)
        # Not where a run is broken off: what it did not come to would be taken for gone.
        for name in set(self._record("kept")) - set(self._record("drawn")):
            st.session_state.pop(self.key(name), None)  # Streamlit's own copy grows stale
        self.write_address(pictures)
        self.keep_lasting()
        self.give_away(taken)

    def arrive(self) -> None:
        """Read the address if the session begins here; what the browser carries over from another page is not ours."""
        if ARRIVED not in st.session_state:
            st.session_state[ARRIVED] = self.name
            self._record("asked").update({name: st.query_params.get_all(name) for name in st.query_params})

    def write_address(self, pictures: Sequence[shown.Picture] = ()) -> None:
        """Send the address to the browser, with the pictures that stand at it where a room may ask for them."""
        values = {name: some for name, some in self._record("address").items() if some}
        refused, turn = self.memory.get("session refused", False), st.session_state.get(TURN, 0)
        names = self._record("names")
        address_view(self.name, values, names, turn, refused=refused, pictures=pictures, key=self.name)

    def address(self) -> dict[str, list[str]]:
        """What the address carries: parameter -> values."""
        return {name: values for name, values in self._record("address").items() if values}

    def go(self, file: str, **parameters: str) -> None:
        """Leave for this page (its file, as Streamlit names it) with parameters in its address."""
        self._record("asked").update({name: [value] for name, value in parameters.items()})
        st.switch_page(file, query_params=parameters)

    # --- what can be taken away ---------------------------------------------------------------------------------------

    def give_away(self, taken: saving.Taken) -> None:
        """Tell the browser what can be saved; make the file that somebody asked for."""
        key, offers = f"gaze-offers-{self.name}", [*taken.offers.values()]
        wanted = self.memory.pop("session wanted", None)
        told = [(offer.title, list(offer.forms)) for offer in offers]
        file = saving.made(self.name, offers, wanted) if wanted else None

        def heard() -> None:
            self.memory["session wanted"] = st.session_state[key]["wanted"]

        offers_view(self.name, told, list(taken.caption), file, heard, key=key)

    # --- what outlasts a reload --------------------------------------------------------------------------------------

    def lasting(self, name: str, read: Callable[[Any], Any], write: Callable[[Any], Any] = lambda value: value) -> None:
        """Have memory[name] outlast a reload, in the storage of the browser's tab.

        write: the value as JSON has it; read: back again, ValueError where somebody made it up. Where it is drawn.
        """
        self._record("lasting")[name] = write
        came = self._record("came")
        if name in came:
            with suppress(ValueError, TypeError, KeyError, AttributeError):
                self.memory[name] = read(came.pop(name))

    def keep_lasting(self) -> None:
        """Tell the browser what is to last; take what it kept, once in a session."""
        lasting = self._record("lasting")
        if not lasting:
            return
        told = {name: write(self.memory[name]) for name, write in lasting.items() if name in self.memory}
        values = {name: value for name, value in told.items() if value}
        fresh = not values and not self.memory.get("session heard")
        came = lasting_view(self.name, values, fresh=fresh, key=self.name)
        if came is not None and fresh:
            self.memory["session heard"] = True
            self._record("came").update(came)
            if came.keys() & lasting.keys():
                st.rerun()

    # --- models that were trained here --------------------------------------------------------------------------------

    @staticmethod
    def keep_model(name: str) -> None:
        """Have the boxes of all pages offer a model to this visitor."""
        kept = Memory("session").setdefault("kept models", [])
        kept[:] = [name, *(other for other in kept if other != name)][:MOST_KEPT]

    @staticmethod
    def kept_models(families: tuple[str, ...]) -> list[str]:
        """Those of these families that are still there, the last one first."""
        cards = [kept_model(name) for name in Memory("session").get("kept models", [])]
        return [card.name for card in cards if card is not None and card.family in families]

    # --- what was good ------------------------------------------------------------------------------------------------

    def ask_or_last_good(
        self,
        make: Callable[[], Question],
        answer: Callable[[Question], Answer],
        first: Callable[[], Question],
        name: str = "",
        alert: Any = None,
    ) -> tuple[Question, Answer]:
        """(question, its answer): of what is asked; where it is refused, advice and the last good one, else the first.

        make: the question of the widgets, may raise Refused; name: one of several questions of the page;
        alert: where the advice stands. Where even the first is refused the page ends with its advice.
        """
        good = f"good {name}"
        for place, question in enumerate((make, lambda: self.memory[good], first)):
            if place == 1 and good not in self.memory:
                continue
            try:
                chosen = question()
                found = answer(chosen)
            except Refused as refusal:
                if place == 0:
                    self.refuse(refusal, alert)
                continue
            self.memory[good] = chosen
            saving.tell(*saving.caption_of(chosen))
            return chosen, found
        st.stop()

    def refuse(self, refusal: object, alert: Any = None) -> None:
        """Advice where it is seen; what is refused is no step of the history."""
        self.memory["session refused"] = True
        if alert is None:
            advice(refusal)
        else:
            with alert:
                advice(refusal)

    # --- what was looked at -------------------------------------------------------------------------------------------

    def restore(self, query: str) -> None:
        """Take the choices that this address of the page carries; what it does not name begins with its default."""
        values, asked = parse_qs(query.removeprefix("?"), keep_blank_values=True), self._record("asked")
        asked.clear()
        asked.update(values)  # also what stands on a screen of the page that was not drawn yet
        for name in set(self._record("names")) - set(values):
            if name in self._record("kept"):
                del self[name]
            else:  # what the page keeps without a widget
                asked[name] = [""]


def visitor_left() -> Cancelled | None:
    """What tells whether the browser of this session is gone; None where no server runs, as in a test of pages."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or not runtime.exists():
        return None
    server, session = runtime.get_instance(), context.session_id
    return lambda: not server.is_active_session(session)


def travel(step: dict[str, Any] | None) -> None:
    """Follow a step in the browser's history: {page, query, turn}. Before the page draws its widgets."""
    if step:
        st.session_state[TURN] = step["turn"]
        Session(step["page"]).restore(step["query"])
