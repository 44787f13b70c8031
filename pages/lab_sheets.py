"""Lab sheets: what students handed in, the same task of all of them side by side."""

from __future__ import annotations

from ui import widgets
from ui.components.sheets.view import sheets_view
from ui.session import Session

PAGE = Session("lab_sheets")
HEIGHT = 520
SEE = "Each card is one student: a sentence, the picture it is about, and a link that opens that view here."
ATTEMPT = "Step through the tasks with the two arrows; click a picture to see it across the page."
CAREFUL = (
    "A picture says what was seen then, with the model named below it: open the view to see whether it still holds."
)


@PAGE.drawn()
def main() -> None:
    sheets_view(HEIGHT, key=PAGE.name)
    widgets.notes(SEE, ATTEMPT, CAREFUL)


main()
