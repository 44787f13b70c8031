"""Gold by hand: words of a pair linked by clicks, whole sets, and how far two people agree."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.data.pair_files import MOST_BYTES, read_pairs
from core.data.pair_saving import as_bars
from core.data.pairs import LANGUAGES, lesson
from core.measures.agreement import Agreement, agreement, all_links
from core.requests import Gold, Pair
from core.types import Refused
from ui import widgets
from ui.brought import bring, brought, file_box
from ui.components.gold.view import gold_payload, gold_view
from ui.views.alignment.common import PAGE, AlignmentChoice
from ui.views.alignment.taking import offer_links

HEIGHT = 330
NONE = Gold(frozenset(), frozenset())
OURS = "Gaze's own gold"
TRY = (
    "Click a word, then one of the other side: a sure link; again, a possible one; again, none. "
    "By keys: arrows, Enter, Z to undo, N and P for another pair."
)
CAREFUL = (
    "People disagree: agree on rules for articles and idioms before you count. "
    "Kappa counts all cells, and most of them nobody would link."
)


def draw(asked: AlignmentChoice) -> None:
    """One pair of a set to be linked, and the agreement with somebody else's links."""
    pairs, others, name, whose = given(asked)
    golds = own_links(pairs, keep_given=bool(name))
    place = min(PAGE.memory.get("hand place", 0), len(pairs) - 1)
    pair, other = pairs[place], others[place] if others else None
    seen = other if other is not None and PAGE.get("see_other") else None
    turn = PAGE.memory.get("hand turn", 0)
    payload = gold_payload(pair.source, pair.target, golds[place], place, len(pairs), turn, seen)
    event = gold_view(payload, key=PAGE.key("hand"), height=HEIGHT)
    follow(event, golds, len(pairs))
    offer_links(pairs, {"yours": lambda _: golds})
    widgets.notes(said(pairs, golds, others, whose), TRY, CAREFUL)


def given(asked: AlignmentChoice) -> tuple[tuple[Pair, ...], Sequence[Gold | None] | None, str, str]:
    """(pairs, somebody else's links, name of the file or "", whose the other links are)."""
    left, middle, right = st.columns([1.6, 4, 2.6], vertical_alignment="center", gap="medium")
    with left, st.popover("Files", icon=":material/upload_file:", width="stretch"):
        for label, key in (("Pairs to link", "hand_file"), ("Somebody else's links of the same pairs", "hand_other")):
            file_box(PAGE, st, label, key, max_upload_size=MOST_BYTES // 1_000_000)
        st.caption("In any form that File reads; your links are saved by the menu above.")
    pairs, name = lesson(asked.language), ""
    others: Sequence[Gold | None] | None = [pair.gold for pair in pairs]
    whose = OURS
    try:
        for own in brought(PAGE, "hand_file"):
            pairs, name = read_pairs([own]).pairs, own[0]
            others, whose = None, ""
        for theirs in brought(PAGE, "hand_other"):
            others, whose = same_words(pairs, read_pairs([theirs]).pairs), theirs[0]
    except Refused as refusal:
        widgets.advice(refusal)
    if others:
        widgets.toggle(PAGE, middle, f"Show the links of {whose}", "see_other")
    right.button(
        "Judge both models by yours", on_click=judge, args=(pairs, name), key=PAGE.key("judge"), width="stretch",
        disabled=not any(map(all_links, own_links(pairs, keep_given=bool(name)))),
    )  # fmt: skip
    return tuple(pairs), others, name, whose


def same_words(pairs: Sequence[Pair], others: Sequence[Pair]) -> list[Gold | None]:
    """The other's links of each of these pairs. Refused: the pairs, or their words, are not the same."""
    if len(pairs) != len(others):
        raise Refused(
            f"The other file has {len(others)} pairs, yours {len(pairs)}: links are compared over the same pairs."
        )
    for number, (one, other) in enumerate(zip(pairs, others, strict=True), start=1):
        for side, words, theirs in (("source", one.source, other.source), ("translation", one.target, other.target)):
            if words != theirs:
                at = next((k for k, both in enumerate(zip(words, theirs, strict=False)) if both[0] != both[1]), None)
                what = (
                    f"word {at + 1} is {theirs[at][:20]!r} there and {words[at][:20]!r} here"
                    if at is not None
                    else f"it has {len(theirs)} words there and {len(words)} here"
                )
                raise Refused(
                    f"Pair {number}: the words of the {side} have changed, {what}. Links belong to words by their "
                    "number: link this pair anew, or give both files the same words."
                )
    return [one.gold for one in others]


# --- what was linked --------------------------------------------------------------------------------------------------


def set_key(pairs: Sequence[Pair]) -> str:
    """A name of the words of a set: links are kept under it."""
    said = "\n".join(f"{' '.join(pair.source)}\t{' '.join(pair.target)}" for pair in pairs)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def own_links(pairs: Sequence[Pair], *, keep_given: bool) -> list[Gold]:
    """The links by hand so far, a list that is kept; keep_given: begin with those that the file brought."""
    PAGE.lasting("hand links", links_read, links_written)
    kept = PAGE.memory.setdefault("hand links", {})
    key = set_key(pairs)
    if key not in kept:
        kept[key] = [(pair.gold or NONE) if keep_given else NONE for pair in pairs]
    found: list[Gold] = kept[key]
    return found


def links_written(kept: dict[str, list[Gold]]) -> dict[str, Any]:
    """Links as JSON has them, of sets that have any."""
    return {
        key: [[sorted(one.sure), sorted(one.possible - one.sure)] for one in golds]
        for key, golds in kept.items()
        if any(map(all_links, golds))
    }


def links_read(value: Any) -> dict[str, list[Gold]]:
    """Back again. ValueError: somebody made them up."""
    return {str(key): [as_gold(*one) for one in golds] for key, golds in value.items()}


def as_gold(sure: Any, possible: Any) -> Gold:
    one, other = (frozenset((int(i), int(j)) for i, j in some) for some in (sure, possible))
    return Gold(one, one | other)


def follow(event, golds: list[Gold], count: int) -> None:
    """Keep a changed link, and go to the next or the previous pair; what is older than what was kept is not heard."""
    linked = getattr(event, "linked", None)
    if not linked or int(linked["turn"]) <= PAGE.memory.get("hand turn", 0) or not 0 <= int(linked["place"]) < count:
        return
    place = int(linked["place"])
    golds[place] = as_gold(linked["sure"], linked["possible"])
    PAGE.memory["hand turn"] = int(linked["turn"])
    if linked["step"]:
        PAGE.memory["hand place"] = max(0, min(count - 1, place + int(linked["step"])))
    st.rerun()


def judge(pairs: Sequence[Pair], name: str) -> None:
    """Go to the view File with the pairs that have links by hand as its gold."""
    golds = own_links(pairs, keep_given=bool(name))
    some = [(pair, gold) for pair, gold in zip(pairs, golds, strict=True) if all_links(gold)]
    if not some:
        return
    text = as_bars([pair for pair, _ in some], [gold for _, gold in some])
    bring(PAGE, "own", [("by hand.txt", text.encode())])
    PAGE["view"] = "File"


# --- what is said of it -----------------------------------------------------------------------------------------------


def agreed(pairs: Sequence[Pair], golds: Sequence[Gold], others: Sequence[Gold | None]) -> Agreement | None:
    """Over the pairs that both have linked; None where there is none."""
    some = [
        (gold, other, (len(pair.source), len(pair.target)))
        for pair, gold, other in zip(pairs, golds, others, strict=True)
        if other is not None and all_links(gold)
    ]
    return agreement(*map(list, zip(*some, strict=True))) if some else None


def said(pairs: Sequence[Pair], golds: Sequence[Gold], others: Sequence[Gold | None] | None, whose: str) -> str:
    """How much is linked, and how far two people agree."""
    done = sum(bool(all_links(gold)) for gold in golds)
    language = f" in {LANGUAGES[pairs[0].language]}" if whose == OURS and pairs[0].language in LANGUAGES else ""
    told = f"You have linked {done} of {len(pairs)} pairs{language}."
    found = agreed(pairs, golds, others) if others else None
    if found is None:
        return told
    kappa = "kappa is not defined" if found.kappa is None else f"kappa {found.kappa:.2f}"
    every = found.both + found.only_first + found.only_second
    over = "1 pair" if found.pairs == 1 else f"{found.pairs} pairs"
    return (
        f"{told} With {whose}, over {over}: {found.both} of {every} links are in both, {kappa}; AER of yours against "
        f"theirs {found.first_error:.2f}, of theirs against yours {found.second_error:.2f}."
    )
