"""English and French sentences made by a small grammar, to train a translator on before a class.

French puts colours behind the noun, and its words agree with the noun's gender: maps of models that learn them cross.
"""

from __future__ import annotations

import random
from functools import lru_cache

#: (English, French, whether it is feminine)
NOUNS = (
    ("cat", "chat", False), ("dog", "chien", False), ("horse", "cheval", False), ("fox", "renard", False),
    ("book", "livre", False), ("bread", "pain", False), ("goat", "chèvre", True), ("cow", "vache", True),
    ("mouse", "souris", True), ("car", "voiture", True), ("house", "maison", True), ("table", "table", True),
)  # fmt: skip
#: (English, French masculine, feminine); those of AFTER stand behind the noun in French.
AFTER = (
    ("black", "noir", "noire"), ("white", "blanc", "blanche"), ("green", "vert", "verte"), ("red", "rouge", "rouge"),
    ("grey", "gris", "grise"),
)  # fmt: skip
BEFORE = (("small", "petit", "petite"), ("big", "grand", "grande"), ("old", "vieux", "vieille"))
VERBS = (("sees", "voit"), ("takes", "prend"), ("finds", "trouve"), ("wants", "veut"), ("sells", "vend"))
PAIRS = 600
SHOWN = ("The black cat sees the small house.", "Le chat noir voit la petite maison.")


@lru_cache(maxsize=1)
def small_pairs() -> tuple[tuple[str, str], ...]:
    """PAIRS different (English, French) sentences; SHOWN is none of them."""
    chooser = random.Random(0)
    found: dict[str, str] = {}
    while len(found) < PAIRS:
        one, other = _phrase(chooser), _phrase(chooser)
        verb = chooser.choice(VERBS)
        english = f"{one[0]} {verb[0]} {other[0]}.".capitalize()
        if english != SHOWN[0]:
            found[english] = f"{one[1]} {verb[1]} {other[1]}.".capitalize()
    return tuple(found.items())


def _phrase(chooser: random.Random) -> tuple[str, str]:
    """An article, a noun, and perhaps an adjective, in both languages."""
    noun, nom, feminine = chooser.choice(NOUNS)
    article = "la" if feminine else "le"
    kind = chooser.choice(("", "after", "after", "before"))
    if not kind:
        return f"the {noun}", f"{article} {nom}"
    word, *forms = chooser.choice(AFTER if kind == "after" else BEFORE)
    form = forms[feminine]
    return f"the {word} {noun}", f"{article} {nom} {form}" if kind == "after" else f"{article} {form} {nom}"
