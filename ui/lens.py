"""The logit lens as a table, and the sentence that says when a guess is settled."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from core.data.numbers import Numbers, records
from ui import saving
from ui.words import percent

if TYPE_CHECKING:  # torch and transformers load with the first question, not with the page
    from core.analyses.logit_lens import Lens

WHERE = {"next token": "Behind", "this token": "In place of", "target token": "Behind"}


def lens_table(found: Lens, height: int) -> str:
    """The lens as html: what each layer would say, tinted by its share; the last layer's word underlined."""
    saving.offer("Lens", lambda _: numbers_of(found))
    head = "".join(f'<th dir="auto">{escape(token.text)}</th>' for token in found.tokens)
    rows = []
    for layer in reversed(range(len(found.words))):
        cells = []
        for place, word in enumerate(found.words[layer]):
            share, same = float(found.shares[layer, place]), word == found.words[-1][place]
            tint = f"background: color-mix(in srgb, #3583d9 {6 + 62 * share:.0f}%, transparent)"
            rank = f"rank of “{found.words[-1][place]}” here: {int(found.ranks[layer, place]):,}"
            said = f"{word}: {percent(share)}; {rank}"
            mark = f"<b>{escape(word)}</b>" if same else escape(word)
            cells.append(f'<td style="{tint}" title="{escape(said, quote=True)}" dir="auto">{mark}</td>')
        name = "embedding" if not layer else f"layer {layer}"
        rows.append(f"<tr><th>{name}</th>{''.join(cells)}</tr>")
    return (
        f'<div class="gaze-wide" style="max-height: calc({height}px * var(--gaze-letters))">'
        f'<table class="gaze-lens">{"".join(rows)}'
        f"<tr><th>reads</th>{head}</tr></table></div>"
    )


def numbers_of(found: Lens) -> Numbers:
    """A row for each layer and place: the likeliest piece, its share, and what becomes of the last layer's."""
    return records(
        {"layer": layer, "place": place, "token": token.text, "says": found.words[layer][place]}
        | {"share": float(found.shares[layer, place]), "share of the last layer's": float(found.final[layer, place])}
        | {"rank of the last layer's": int(found.ranks[layer, place]), "bits": float(found.entropy[layer, place])}
        for layer in range(len(found.words))
        for place, token in enumerate(found.tokens)
    )


def settled(found: Lens, place: int) -> str:
    """From which layer on every layer guesses at a place what the last one does."""
    last = found.words[-1][place]
    first = next(i for i in range(len(found.words)) if all(row[place] == last for row in found.words[i:]))
    alone = first == len(found.words) - 1
    where = "only the last layer says" if alone else f"every layer says from layer {first} on"
    return (
        f"{WHERE[found.says]} “{found.tokens[place].text}” {where} “{last}”, "
        f"which the embedding alone gives {percent(float(found.final[0, place]))}."
    )
