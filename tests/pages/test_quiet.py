"""What has time waits while pages are drawn, and for no longer."""

import threading

import pytest

from ui import quiet
from ui.quiet import QUIET, Quiet
from ui.server import warm_up
from ui.session import Session

LONG = 60.0


def test_it_is_quiet_where_nobody_came():
    assert Quiet().wait(0, LONG)


def test_it_is_not_quiet_while_a_page_is_drawn_or_has_just_been(monkeypatch):
    pages, now = Quiet(), [0.0]
    monkeypatch.setattr(quiet.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(pages._change, "wait", lambda seconds: now.__setitem__(0, now[0] + seconds))
    with pages.drawing():
        assert not pages.first.is_set()
        assert not pages.wait(1, 10) and now[0] == 10
    assert pages.first.is_set()
    assert not pages.wait(3, 2) and now[0] == 12
    assert pages.wait(3, 2) and now[0] == 13  # three seconds after the page, not one more


def test_whoever_waits_goes_on_once_the_last_of_two_pages_is_drawn():
    pages, waits, went_on = Quiet(), threading.Event(), threading.Event()

    def later():
        waits.set()
        assert pages.wait(0, LONG)
        went_on.set()

    with pages.drawing():
        with pages.drawing():
            thread = threading.Thread(target=later)
            thread.start()
            waits.wait(LONG)
        assert not went_on.is_set()
    thread.join(LONG)
    assert went_on.is_set()


def test_a_page_that_fails_is_drawn_no_more():
    pages = Quiet()
    with pytest.raises(ValueError, match="broken"), pages.drawing():
        raise ValueError("broken")
    assert pages.wait(0, LONG)


def test_a_page_is_counted_while_it_is_drawn(monkeypatch):
    seen, page = [], Session("quiet")
    monkeypatch.setattr(Session, "arrive", lambda self: None)
    monkeypatch.setattr("ui.session.saving.collecting", lambda: seen.append(QUIET._drawing))
    with pytest.raises(TypeError), page.drawn():
        raise AssertionError("never drawn")
    assert seen == [1] and QUIET._drawing == 0


def test_maps_are_made_ready_step_by_step_each_once_it_is_quiet(monkeypatch):
    order = []
    monkeypatch.setattr(QUIET, "wait", lambda rest, most: order.append("quiet"))
    monkeypatch.setattr("ui.views.embedding.map.read_first", lambda: order.append("read"))
    monkeypatch.setattr("core.measures.projection.warm_up", lambda: order.append("compiled"))
    monkeypatch.setattr(warm_up, "freeze_garbage", lambda: order.append("frozen"))
    monkeypatch.setattr(warm_up, "WARM", threading.Event())
    warm_up.warm_maps()
    assert order == ["quiet", "read", "quiet", "compiled", "quiet", "frozen"] and warm_up.WARM.is_set()
