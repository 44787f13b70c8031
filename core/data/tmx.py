"""Translation memories: pairs of segments from a TMX file."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from core.types import Refused

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
CODES = {"bpt", "ept", "it", "ph", "ut"}  # marks of a program within a segment: no text


@dataclass(frozen=True, slots=True)
class TmxPair:
    """One unit in two languages."""

    number: int  # of the unit, from 1
    source: str
    target: str


def translations_in(data: bytes, name: str) -> tuple[list[TmxPair], tuple[str, str]]:
    """The units of a TMX file in two languages, and which: that of its header, and the most frequent other.

    Units that lack one of them are left out. Refused: no TMX, broken, or of one language.
    """
    if b"<!ENTITY" in data:
        raise Refused(f"{name} defines entities of its own, which are not read. Save it anew as TMX.")
    units, said = [], ""
    try:
        for _, node in ElementTree.iterparse(io.BytesIO(data), events=("end",)):  # noqa: S314  # no entities
            tag = _tag(node)
            if tag == "header":
                said = (node.get("srclang") or "").lower()
            elif tag == "tu":
                units.append(_variants(node))
                node.clear()
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        line = f"Line {error.position[0]} of {name}" if isinstance(error, ElementTree.ParseError) else name
        raise Refused(f"{line} is no XML that can be read. Export the memory anew as TMX.") from error
    found = Counter(language for unit in units for language in unit)
    if len(found) < 2:
        raise Refused(f"{name} has {len(units):,} units in {len(found)} languages; a pair needs two.")
    source = said if said in found else next(iter(found))
    target = next(language for language, _ in found.most_common() if language != source)
    pairs = [
        TmxPair(number, unit[source], unit[target])
        for number, unit in enumerate(units, start=1)
        if unit.get(source) and unit.get(target)
    ]
    return pairs, (source, target)


def _tag(node: ElementTree.Element) -> str:
    return node.tag.rsplit("}", 1)[-1].lower()


def _variants(unit: ElementTree.Element) -> dict[str, str]:
    """Language -> segment, white space as one space."""
    found: dict[str, str] = {}
    for variant in unit:
        if _tag(variant) == "tuv":
            language = (variant.get(LANGUAGE) or variant.get("lang") or "").lower()
            segment = next((node for node in variant if _tag(node) == "seg"), None)
            if language and segment is not None:
                found.setdefault(language, " ".join("".join(_texts(segment)).split()))
    return found


def _texts(node: ElementTree.Element) -> Iterator[str]:
    yield node.text or ""
    for inner in node:
        if _tag(inner) not in CODES:
            yield from _texts(inner)
        yield inner.tail or ""
