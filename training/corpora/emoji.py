"""Emoji: their order and groups from Unicode, names in 28 languages from CLDR, pictures from Noto's font."""

from __future__ import annotations

import io
import json
import lzma
import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.data.scenes import emoji as shipped
from core.types import Refused
from training.corpora.download import Source

GROUPS = Source("emoji-test.txt", "https://www.unicode.org/Public/emoji/15.0/emoji-test.txt", most=3_000_000)
NAMES = Source(
    "cldr-annotations-full-48.2.0.tgz",
    "https://registry.npmjs.org/cldr-annotations-full/-/cldr-annotations-full-48.2.0.tgz",
    most=30_000_000,
    sha256="28576e51225deb51e3ddd734b0f824a0079682cb5d8c27faa9f68149317a14d1",
)
FONT = Source(
    "NotoColorEmoji-2.042.ttf",
    "https://github.com/googlefonts/noto-emoji/raw/v2.042/fonts/NotoColorEmoji.ttf",
    most=40_000_000,
)
TABLE, PICTURES = "emoji_names.jsonl.xz", "noto_png128.tar"
PRESENTATION = "\ufe0f"  # asks for colour; names and pictures are found without it


@dataclass(frozen=True)
class Sign:
    """One emoji of Unicode's list."""

    key: str  # its code points without the presentation, such as 2764-200d-1f525
    emoji: str
    group: str
    subgroup: str


def signs(listed: str) -> Iterator[Sign]:
    """The fully qualified emoji of emoji-test.txt, in its order."""
    group = subgroup = ""
    for line in listed.splitlines():
        if line.startswith("# group:"):
            group = line.partition(":")[2].strip()
        elif line.startswith("# subgroup:"):
            subgroup = line.partition(":")[2].strip()
        elif "; fully-qualified" in line:
            emoji = "".join(chr(int(code, 16)) for code in line.partition(";")[0].split())
            yield Sign(key_of(emoji), emoji, group, subgroup)


def key_of(emoji: str) -> str:
    return "-".join(f"{ord(sign):x}" for sign in emoji if sign != PRESENTATION)


def named(archive: Path) -> dict[str, dict[str, dict]]:
    """Language of Gaze's table -> emoji -> {"tts": [name], "default": keywords}, as CLDR writes them."""
    found = {}
    try:
        with tarfile.open(archive) as opened:
            for language in shipped()[0].names:
                file = opened.extractfile(f"package/annotations/{language}/annotations.json")
                found[language] = json.loads(file.read() if file else b"")["annotations"]["annotations"]
    except (tarfile.TarError, KeyError, EOFError, json.JSONDecodeError):
        raise Refused(
            f"{archive} does not hold the names of CLDR. Delete it, and run the same command again."
        ) from None
    return found


def table(listed: str, names: dict[str, dict[str, dict]]) -> list[dict]:
    """Rows of the emoji that have a name of their own in every language: not those of skin, hair and flags."""
    rows = []
    for sign in signs(listed):
        said = [some.get(sign.emoji) or some.get(sign.emoji.replace(PRESENTATION, "")) or {} for some in names.values()]
        if all(one.get("tts") for one in said):
            row: dict = {"key": sign.key, "emoji": sign.emoji, "group": sign.group, "subgroup": sign.subgroup}
            row["names"] = {code: one["tts"][0] for code, one in zip(names, said, strict=True)}
            row["keywords"] = {code: one.get("default", []) for code, one in zip(names, said, strict=True)}
            rows.append(row)
    return rows


def pictures(font: Path, emoji: list[str]) -> dict[str, bytes]:
    """Key -> the PNG that the font holds for it, 136 x 128 px. Refused where the font lacks one."""
    from fontTools.ttLib import TTFont, TTLibError  # matplotlib brings it

    try:
        with TTFont(font, lazy=True) as opened:
            letters, (drawn, *_) = opened.getBestCmap(), opened["CBDT"].strikeData
            joined = dict(ligatures(opened["GSUB"].table))
            found = {}
            for one in emoji:
                parts = tuple(letters.get(ord(sign), "") for sign in one if sign != PRESENTATION)
                name = parts[0] if len(parts) == 1 else joined.get(parts, "")
                if name not in drawn:
                    raise Refused(f"{font} has no picture of {one} ({key_of(one)}): it is another version of the font.")
                found[key_of(one)] = drawn[name].imageData
            return found
    except (TTLibError, KeyError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"{font} is not Noto Color Emoji with pictures in it. Delete it, and run again.") from None


def ligatures(table) -> Iterator[tuple[tuple[str, ...], str]]:
    """(glyphs in a row, the glyph that stands for them) of a font's substitutions."""
    for lookup in table.LookupList.Lookup:
        for part in lookup.SubTable:
            part = getattr(part, "ExtSubTable", part)
            for first, some in getattr(part, "ligatures", {}).items():
                yield from (((first, *one.Component), one.LigGlyph) for one in some)


def convert(listed: Path, names: Path, font: Path, data: Path) -> int:
    """Write the table and the pictures where training looks for them; how many emoji there are."""
    rows = table(listed.read_text(encoding="utf-8"), named(names))
    drawn = pictures(font, [row["emoji"] for row in rows])
    folder = data / "emoji"
    folder.mkdir(parents=True, exist_ok=True)
    with lzma.open(folder / "table.half", "wt", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    with tarfile.open(folder / "pictures.half", "w") as tar:
        for key, png in drawn.items():
            entry = tarfile.TarInfo(f"{key}.png")
            entry.size = len(png)
            tar.addfile(entry, io.BytesIO(png))
    os.replace(folder / "table.half", folder / TABLE)
    os.replace(folder / "pictures.half", folder / PICTURES)
    return len(rows)
