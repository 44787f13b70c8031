"""Next token in a browser: places, candidates and branches are clicked; the tree of beams; a phone holds it all."""

import pytest

PHONE = (390, 844)


def opened(page, url, name, **query):
    page.set_default_timeout(30_000)
    page.goto(f"{url}/{name}?" + "&".join(f"{key}={value}" for key, value in query.items()))
    page.locator(".gaze-notes").first.wait_for()


@pytest.mark.browser
def test_a_candidate_is_chosen_and_the_way_before_stays_in_the_tree(page, app_server):
    opened(page, app_server.url, "next_token", chosen="275.1324")
    tokens = page.locator(".gaze-writer .token")
    assert tokens.all_inner_texts()[-2:] == ["the", "table"]
    tokens.nth(5).click()  # “the”, whose follower is marked
    assert page.locator(".gaze-writer .line.follows code").inner_text() == "table"
    assert page.locator(".gaze-writer .line:not(.names)").first.is_enabled()
    other = page.locator(".gaze-writer .line:not(.names):not(.follows)").first
    word = other.locator("code").inner_text()
    other.click()
    page.locator(".gaze-writer .branch").nth(1).wait_for()
    assert word in page.locator(".gaze-writer .branch.here").inner_text()
    page.locator(".gaze-writer .branch:not(.here) button").last.click()
    page.wait_for_url("**chosen=275.1324**")


@pytest.mark.browser
def test_what_was_typed_cannot_be_chosen_otherwise_and_a_head_is_chosen_by_key(page, app_server):
    opened(page, app_server.url, "next_token")
    page.locator(".gaze-writer .token").nth(1).click()
    assert page.locator(".gaze-writer .line:not(.names)").first.is_disabled()
    page.locator(".gaze-writer .rows").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator(".gaze-writer .part.heads .name").inner_text() == "layer 1 · head 1"


@pytest.mark.browser
def test_a_text_below_the_tree_is_gone_on_from(page, app_server):
    opened(page, app_server.url, "next_token", show="Beam")
    page.locator(".gaze-tree .node").nth(1).hover()
    assert "the sum of logarithms is" in page.locator(".gaze-tree .readout").inner_text()
    page.locator(".gaze-tree .text").nth(1).click()
    page.wait_for_url("**chosen=**")
    page.locator(".gaze-writer").wait_for()


@pytest.mark.browser
@pytest.mark.parametrize("name", ["next_token", "translation"])
def test_a_phone_holds_the_page(new_page, app_server, name):
    page = new_page(PHONE)
    opened(page, app_server.url, name)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.browser
def test_a_saved_run_is_played_back_without_a_model(page, app_server, tmp_path):
    opened(page, app_server.url, "next_token", chosen="275.1324")
    page.keyboard.press("Control+s")
    with page.expect_download() as download:
        page.get_by_role("button", name="This run, to be played back: JSON").click()
    page.keyboard.press("Escape")
    page.get_by_text("Play back a saved run").click()
    path = tmp_path / "run.json"
    download.value.save_as(path)
    assert path.stat().st_size < 30_000
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(path)
    page.locator(".gaze-writer").nth(1).wait_for()
    assert page.locator(".gaze-writer").nth(1).locator(".token").all_inner_texts()[-1] == "table"
    assert page.locator(".gaze-writer").nth(1).locator(".line:not(.names)").first.is_disabled()
