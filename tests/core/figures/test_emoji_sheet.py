"""One sheet of emoji: twelve a row in the order of the keys, clear where there is nothing."""

import io

import numpy as np
import pytest
from PIL import Image

from core.data.scenes import SPRITE, places, sprites
from core.figures.emoji_sheet import ACROSS, MOST, clear, cutouts

KEYS = tuple(list(places())[:14])


def test_the_sheet_is_filled_row_by_row_in_the_order_of_the_keys():
    sheet = np.asarray(Image.open(io.BytesIO(cutouts(KEYS))))
    assert sheet.shape == (2 * SPRITE, ACROSS * SPRITE, 4)
    for place in (0, 1, 11, 12, 13):
        row, column = (SPRITE * at for at in divmod(place, ACROSS))
        held = sheet[row : row + SPRITE, column : column + SPRITE, 3].astype(float)
        apart = [float(np.abs(held - clear((key,))[0, ..., 3]).mean()) for key in KEYS]
        assert int(np.argmin(apart)) == place and apart[place] < 2  # WebP keeps opacity whole, or nearly
    assert sheet[SPRITE:, 2 * SPRITE :, 3].max() == 0  # places that hold no emoji
    turned = np.asarray(Image.open(io.BytesIO(cutouts(KEYS[::-1]))))
    assert (turned[:SPRITE, SPRITE : 2 * SPRITE, 3] == sheet[SPRITE:, :SPRITE, 3]).all()


def test_colours_are_not_darkened_by_their_opacity():
    number = places()[KEYS[0]]
    whole = sprites()[number].permute(1, 2, 0).numpy()
    found = clear(KEYS[:1])[0]
    assert (found[..., 3] == whole[..., 3]).all()
    full, half = whole[..., 3] == 255, (whole[..., 3] > 60) & (whole[..., 3] < 200)
    assert full.any() and half.any()
    assert (found[full][:, :3] == whole[full][:, :3]).all()
    wanted = (whole[half][:, :3] * 255.0 / whole[half][:, 3:]).clip(0, 255)
    assert np.abs(found[half][:, :3] - wanted).max() <= 0.51
    assert (found[whole[..., 3] == 0][:, :3] == 0).all()


def test_too_many_are_no_sheet():
    with pytest.raises(ValueError, match=f"at most {MOST}"):
        cutouts(("x",) * (MOST + 1))
