"""Repacks the emoji for shipping: one sheet of 64 px pictures and one table, as core/scenes.py reads them."""

from __future__ import annotations

import argparse
import io
import json
import lzma
import tarfile
from pathlib import Path

from PIL import Image

from core.data.scenes import COLUMNS, NAMES, SHEET, SPRITE
from training.data import DEFAULT_DATA, not_fetched, read_emoji


def pictures(data: Path, keys: list[str]) -> dict[str, Image.Image]:
    """Every emoji in a square of 64 px, its shape kept; Missing says what to do."""
    path = data / "emoji" / "noto_png128.tar"
    if not path.exists():
        raise not_fetched(path)
    found = {}
    with tarfile.open(path) as tar:
        names = {Path(m.name).name: m for m in tar.getmembers()}
        for key in keys:
            with tar.extractfile(names[f"{key}.png"]) as file:
                whole = Image.open(io.BytesIO(file.read())).convert("RGBA")
            whole.thumbnail((SPRITE, SPRITE), Image.Resampling.LANCZOS)
            found[key] = whole
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder that holds emoji/")
    data = parser.parse_args().data
    some = read_emoji(data)
    drawn = pictures(data, [one.key for one in some])
    sheet = Image.new("RGBA", (COLUMNS * SPRITE, -(-len(some) // COLUMNS) * SPRITE))
    for place, one in enumerate(some):
        picture = drawn[one.key]
        row, column = divmod(place, COLUMNS)
        left, top = ((SPRITE - side) // 2 for side in picture.size)
        sheet.paste(picture, (column * SPRITE + left, row * SPRITE + top))
    SHEET.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(SHEET, lossless=True, quality=100, method=4)
    with lzma.open(NAMES, "wt", encoding="utf-8") as file:
        for one in some:
            row = {"key": one.key, "emoji": one.sign, "group": one.group, "subgroup": one.subgroup}
            file.write(json.dumps(row | {"names": one.names, "keywords": one.keywords}, ensure_ascii=False) + "\n")
    size = {path.name: f"{path.stat().st_size / 1e6:.1f} MB" for path in (SHEET, NAMES)}
    print(f"{len(some):,} emoji: {size}")


if __name__ == "__main__":
    main()
