"""A map of up to 50,000 points, one or two models: colours, shapes, layers to walk through, a loop round points."""

from streamlit.components.v2.bidi_component import ComponentResult

from core.types import Refused
from ui.components.mounting import mounted

_mount = mounted("points")


def points_view(payload: bytes, *, key: str) -> ComponentResult:
    """Show one payload of points.message.

    Once each: .picked is {side, layer, points, count} when points were looped or clicked (points empty: let go of),
    .moved is the slider's position when it came to rest.
    """
    return _mount(key=key, data=payload, on_picked_change=lambda: None, on_moved_change=lambda: None)


def checked(points: object, count: int) -> list[int]:
    """The points that a browser named, those that there are; Refused when it names none."""
    kept = [p for p in points if isinstance(p, int) and 0 <= p < count] if isinstance(points, list) else []
    if not kept:
        raise Refused("These points are not on the map any more: draw the loop again.")
    return kept
