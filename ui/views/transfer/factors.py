"""How well a probe transfers against what might explain it, and layer by layer."""

from __future__ import annotations

from core.analyses.transfer import alignment, by_layer, related, shared_pieces, zero_shot_rows
from core.figures.transfer import Cloud, factors
from core.requests import TransferRequest
from core.types import Refused
from ui import widgets
from ui.views.transfer.controls import (
    HEIGHT,
    titles,
)


def draw_factors(asked: list[TransferRequest]) -> str:
    """Transfer against alignment and against shared pieces, and along the layers."""
    aligned = [alignment(one) for one in asked]
    pieces = [shared_pieces(one.model, one.task, one.source) for one in asked]
    named = titles(asked)
    clouds = []
    for title, factor in (("alignment", aligned), ("pieces shared with the fitted language", pieces)):
        some = [
            cloud(name, one, found) for name, one, found in zip(named, asked, factor, strict=True) if len(found) > 1
        ]
        if some:
            clouds.append((title, some))
    curves = [(name, by_layer(one)) for name, one in zip(named, asked, strict=True)]
    curves = [(name, values) for name, values in curves if values]
    if not clouds and not curves:
        raise Refused("Nothing can be compared: the table has one other language. Add a third, or a column group.")
    chance = zero_shot_rows(asked[0])[0].chance
    figure = factors(clouds, curves, [one.layer for one in asked], chance, HEIGHT)
    widgets.chart(figure, "factors", panels=True)
    said = "Each point is a language: how well the probe transfers, against what might explain it. "
    if curves:
        values = curves[0][1]
        best = max(range(len(values)), key=lambda i: values[i])
        said += f"{named[0]} transfers best from layer {best} ({widgets.percent(values[best])} on average)."
    return said


def cloud(title: str, asked: TransferRequest, factor: dict[str, float]) -> Cloud:
    shares = {row.language: row.zero_shot.share for row in zero_shot_rows(asked) if row.language in factor}
    r, low, high = related(asked, factor)
    said = f"{title}: r = {r:.2f} ({low:.2f} to {high:.2f})" if r == r else f"{title}: does not vary"
    return Cloud(title, tuple(shares), tuple(factor[code] for code in shares), tuple(shares.values()), said)
