"""Journey: a sentence on its way through a whole transformer, from characters to what the model says."""

from __future__ import annotations

from ui import along, widgets
from ui.views.journey.whole import CAREFUL, OPENING, PAGE, SEE, TRY, answer, choose, draw


@PAGE.drawn()
def main() -> None:
    """Choose, ask, draw, explain; what cannot be asked gets a sentence, and the last good picture stays."""
    request, found = PAGE.ask_or_last_good(choose, answer, lambda: OPENING)
    draw(request, found)
    widgets.notes(SEE, TRY, CAREFUL)
    along.links(PAGE, request.text, request.model, request.language)


main()
