"""Which texts of the sources people read, and what a catalogue of assets/languages lacks of them or holds too much."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from core.data.clip import lesson
from core.data.examples import EXAMPLES
from core.data.texts import bank, parallel
from tests.said import in_python, in_scripts
from ui.language import CATALOGUES

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = Path(__file__).with_name("elsewhere.txt")
TAG = re.compile(r"<[^>]*>|\n\n")
PLACE = re.compile(r"\{\w*\}")
#: Read by who runs a server, or by nobody: files, logs, tables of a database, what a model or a lesson is made of.
UNSEEN = re.compile(
    r"core/(cluster/|figures/pdf|public|data/(bank|lined|lessons|sentences|parallel|word|small_world|examples)"
    r"|learning/(worker|datasets))|ui/(lessons/"
    r"|components/frame/(svg|translating)|server/(room_file|ready|headers|logs|metrics|tidying|warm_up))"
)
#: Code, patterns, addresses, styles.
CODE = re.compile(
    r"return |torch\.|np\.|==|\w\(\w|\w\.\w+\(|=\w|HTTP/|select |insert |delete from|\[\w+\]$|[<>]|\)\s*=|_\w+_|%s"
    r"|primary key|^\(prefers-|[;{}]|^[.#/]|__|px|var\(|^\w+\.\w+$|^\w+/\w+|\\|^--|\bst-key|^gaze|^http|^:material"
)
SURELY_CODE = re.compile(
    r"return |torch\.|np\.|==|[<>]|^[.#\[]|;$|insert |delete from|\(\w+\)\."
    r"|^\(prefers-|color-mix|max-age|var\(|'none'|:has\(|, \[\w+\]"
)
SENTENCE = re.compile(r"[.?!:…;][\"”’)]*$|[;,] \w|\w: \w|\w\. [A-Z]")
OF_A_CARD = ("note", "architecture", "held_out", "objectives")
ENOUGH = 4  # words of what may be a sentence though it holds signs of code
STYLE = re.compile(r"\b(div|span|data-|solid|ease|rgba?\(|sans-serif|monospace|bold)\b|\.gaze")
FOREIGN = re.compile(r"[àâçéèêëîïôûùüÿœßäöñ¿¡぀-鿿Ѐ-ۿ]")  # an example in another language
WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")
ONE_WORD = re.compile(r"[A-Z][a-z]+[.:?!]?")
NUMBERED = re.compile(r"(layer|head) \{\w*\}")


def plain(text: str) -> str:
    """A text whatever its places are called."""
    return PLACE.sub("{}", text)


def pieces(text: str) -> Iterator[str]:
    """What stands between the marks of a text."""
    for part in TAG.split(text):
        if part := re.sub(r"\s+", " ", part).strip():
            yield part


def is_prose(text: str) -> bool:
    """Whether people read it: several words, or one with a capital letter."""
    bare = PLACE.sub("", text)
    words = WORD.findall(bare)
    if FOREIGN.search(bare) or not words:
        return False
    if NUMBERED.fullmatch(text):
        return True
    if len(words) >= ENOUGH and SENTENCE.search(bare) and not SURELY_CODE.search(bare):
        return True
    if CODE.search(bare):
        return False
    return (len(words) > 1 and " " in text) or bool(ONE_WORD.fullmatch(bare.strip()))


@cache
def found() -> dict[str, str]:
    """Every piece of text of the sources -> the file where it stands first."""
    texts: dict[str, str] = {}
    for path in sorted([*ROOT.glob("ui/**/*.py"), *ROOT.glob("pages/*.py"), *ROOT.glob("core/**/*.py")]):
        for text in in_python.texts(path.read_text(encoding="utf-8")):
            _note(texts, path, text)
    for path in sorted(ROOT.glob("ui/components/**/*.js")):
        for text in in_scripts.texts(path.read_text(encoding="utf-8")):
            if not STYLE.search(text):
                _note(texts, path, text)
    return texts


def in_assets() -> dict[str, str]:
    """The glossary, what to look for in examples, names of groups on maps, what cards of models say in sentences."""
    glossary = ROOT / "assets" / "glossary.json"
    texts = dict.fromkeys(itertools.chain(*_read(glossary).items()), "assets/glossary.json")
    texts |= {one.look: "core/data/examples.py" for some in EXAMPLES.values() for one in some}
    groups = [name for some in (parallel(), bank()) for title, values in some.columns for name in (title, *values)]
    texts |= dict.fromkeys([*groups, *(title for title, _ in lesson().map)], "assets/lessons")
    for path in sorted(ROOT.glob("assets/models/*/card.json")):
        card = _read(path)
        place = path.relative_to(ROOT).as_posix()
        texts |= {re.sub(r"\s+", " ", card[part]): place for part in OF_A_CARD if part in card}
    return texts


def elsewhere() -> dict[str, str]:
    """What Streamlit says, and what is put together from pieces."""
    return dict.fromkeys(ELSEWHERE.read_text(encoding="utf-8").splitlines(), "tests/said/elsewhere.txt")


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _note(texts: dict[str, str], path: Path, text: str) -> None:
    place = path.relative_to(ROOT).as_posix()
    for piece in pieces(text):
        if piece not in texts or UNSEEN.match(texts[piece]):
            texts[piece] = place


def wanted() -> dict[str, str]:
    """The pieces that a catalogue must hold -> the file where each stands."""
    sources = {piece: place for piece, place in found().items() if not UNSEEN.match(place) and is_prose(piece)}
    return sources | in_assets() | elsewhere()


def languages() -> list[str]:
    return sorted(path.stem for path in CATALOGUES.glob("*.json"))


def catalogue(language: str) -> dict[str, str]:
    """{English: translation}."""
    return _read(CATALOGUES / f"{language}.json")


def lacking(language: str) -> dict[str, str]:
    held = {plain(text) for text in catalogue(language)}
    return {text: place for text, place in wanted().items() if plain(text) not in held}


def left_over(language: str) -> list[str]:
    """What a catalogue holds that no source says any more."""
    said = {plain(text) for text in found() | in_assets() | elsewhere()}
    return [text for text in catalogue(language) if plain(text) not in said]
