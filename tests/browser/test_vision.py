"""What patches, positions, shifts, Swin and DETR show: against transformers' own code, and the screens themselves."""


def test_a_click_on_a_map_and_on_a_window_chooses_the_patch(new_page, app_server):
    page = new_page()
    page.set_default_timeout(60_000)
    page.goto(app_server.url + "/vision?screen=Positions")
    page.locator("canvas").first.click(position={"x": 30, "y": 30})
    page.get_by_text("Patch 1, 1 against all").wait_for()
    page.goto(app_server.url + "/vision?screen=Swin")
    page.get_by_text("8 of 64 patches").wait_for()
    page.locator("canvas").first.click(position={"x": 8, "y": 8})
    page.get_by_text("4 of 64 patches").wait_for()
