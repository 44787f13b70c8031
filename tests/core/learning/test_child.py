"""Messages between a training and its page."""

from core.learning import child


def test_a_message_comes_whole_or_not_at_all(tmp_path):
    path = tmp_path / "messages"
    with path.open("wb") as out:
        child.send(out, "step", {"a": 1})
        child.send(out, "done")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with path.open("rb") as source:
        assert child.receive(source)[:2] == ("step", {"a": 1})
        assert child.receive(source) is None
