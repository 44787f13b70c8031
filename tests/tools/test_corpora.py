"""Corpora: what publishers send is read into the one form that training reads."""

import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from core.data import scenes
from core.types import Refused
from tests.apptest import ROOT
from training.corpora import __main__ as command
from training.corpora import emoji, sentences
from training.corpora.download import Source
from training.data import Missing, read_emoji, read_pairs

LINES = (
    "Go.\tVa !\tCC-BY 2.0 (France) Attribution: tatoeba.org #1 (A) & #2 (B)\n"
    "Go.\tVa\u202f!\tCC-BY 2.0 (France) Attribution: tatoeba.org #1 (A) & #3 (C)\n"  # the same but for the blank
    "A cafe\u0301.\tUn cafe\u0301 .\tCC-BY\n"
    "Only English.\n"
    "Empty.\t \tCC-BY\n"
    "Run!\tCours !\n"
)


def archive(path, name="fra.txt", text=LINES):
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("_about.txt", "about")
        made.writestr(name, text)
    return path


def test_pairs_are_read_into_one_form(tmp_path):
    found = sentences.pairs(archive(tmp_path / "fra-eng.zip"), "fr", fewest=1)
    assert found == [("Go.", "Va !"), ("A caf\u00e9.", "Un caf\u00e9 ."), ("Run!", "Cours !")]


def test_what_is_converted_is_what_training_reads(tmp_path, monkeypatch):
    monkeypatch.setattr(sentences.pairs, "__defaults__", (1,))
    assert sentences.convert(archive(tmp_path / "fra-eng.zip"), tmp_path, "fr") == 3
    first = read_pairs(tmp_path, "fr")[0]
    assert (first.english, first.other, first.language) == ("Go.", "Va !", "fr")


def test_an_archive_of_something_else_is_refused(tmp_path):
    for made in (archive(tmp_path / "a.zip", name="deu.txt"), tmp_path / "b.zip"):
        if not made.exists():
            made.write_text("<html>Not found</html>")
        with pytest.raises(Refused, match=r"no archive with fra\.txt"):
            sentences.pairs(made, "fr", fewest=1)
    with pytest.raises(Refused, match="holds 3 pairs, and there should be 2,000"):
        sentences.pairs(archive(tmp_path / "c.zip"), "fr")


def test_every_language_has_its_archive():
    assert sentences.source("zh").url == "https://www.manythings.org/anki/cmn-eng.zip"


# --- emoji ------------------------------------------------------------------------------------------------------------

LISTED = """\
# group: Smileys & Emotion
# subgroup: heart
2764 FE0F 200D 1F525 ; fully-qualified     # heart on fire
2764 200D 1F525      ; unqualified         # heart on fire
# group: People & Body
# subgroup: hand
1F44D                ; fully-qualified     # thumbs up
1F44D 1F3FB          ; fully-qualified     # thumbs up: light skin tone
"""
HEART, THUMB = "\u2764\ufe0f\u200d\U0001f525", "\U0001f44d"


def names(language):
    heart = {"tts": [f"{language} heart"], "default": ["fire", "heart"]}
    return {HEART.replace("\ufe0f", ""): heart, THUMB: {"tts": [f"{language} thumb"]}}


@pytest.fixture
def cldr(tmp_path):
    """An archive as the publisher packs it, with a language that Gaze does not use."""
    path = tmp_path / "names.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for language in (*scenes.emoji()[0].names, "xx"):
            text = json.dumps({"annotations": {"annotations": names(language)}}).encode()
            entry = tarfile.TarInfo(f"package/annotations/{language}/annotations.json")
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
    return path


@pytest.fixture
def font(tmp_path):
    """A font of two pictures, one of them a ligature, in the form of Noto's."""
    from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
    from fontTools.fontBuilder import FontBuilder
    from fontTools.ttLib import newTable
    from fontTools.ttLib.tables import C_B_D_T_, BitmapGlyphMetrics

    built = FontBuilder(128, isTTF=False)
    built.setupGlyphOrder([".notdef", "heart", "joiner", "fire", "thumb", "burning"])
    built.setupCharacterMap({0x2764: "heart", 0x200D: "joiner", 0x1F525: "fire", 0x1F44D: "thumb"})
    built.setupPost()
    addOpenTypeFeaturesFromString(built.font, "feature ccmp { sub heart joiner fire by burning; } ccmp;")
    pictures = built.font["CBDT"] = newTable("CBDT")
    pictures.version, pictures.strikeData = 3.0, [{}]
    places = built.font["CBLC"] = newTable("CBLC")
    places.version, places.strikes = 3.0, []
    for name in ("burning", "thumb"):
        glyph = C_B_D_T_.cbdt_bitmap_format_17(b"", built.font)
        glyph.metrics, glyph.imageData = BitmapGlyphMetrics.SmallGlyphMetrics(), f"PNG {name}".encode()
        pictures.strikeData[0][name] = glyph
    return built.font


def test_emoji_named_in_every_language_are_kept_with_their_groups(cldr):
    rows = emoji.table(LISTED, emoji.named(cldr))
    assert [(r["key"], r["emoji"], r["group"], r["subgroup"]) for r in rows] == [
        ("2764-200d-1f525", HEART, "Smileys & Emotion", "heart"),
        ("1f44d", THUMB, "People & Body", "hand"),
    ]
    assert rows[0]["names"]["fr"] == "fr heart" and rows[0]["keywords"]["fr"] == ["fire", "heart"]
    assert rows[1]["keywords"]["fr"] == [] and list(rows[0]["names"]) == list(scenes.emoji()[0].names)


def test_an_archive_without_names_is_refused(tmp_path):
    (tmp_path / "names.tgz").write_text("<html>")
    with pytest.raises(Refused, match="does not hold the names"):
        emoji.named(tmp_path / "names.tgz")


def test_a_file_that_is_no_font_is_refused(tmp_path):
    (tmp_path / "font.ttf").write_text("<html>")
    with pytest.raises(Refused, match="is not Noto Color Emoji"):
        emoji.pictures(tmp_path / "font.ttf", [THUMB])


def test_the_pictures_are_those_of_the_font_ligatures_too(font, monkeypatch):
    monkeypatch.setattr("fontTools.ttLib.TTFont", lambda path, lazy: font)
    assert emoji.pictures(Path("font"), [HEART, THUMB]) == {"2764-200d-1f525": b"PNG burning", "1f44d": b"PNG thumb"}
    with pytest.raises(Refused, match=r"no picture of . \(1f525\)"):
        emoji.pictures(Path("font"), ["\U0001f525"])


def test_what_is_converted_is_what_training_reads_of_emoji(cldr, font, tmp_path, monkeypatch):
    monkeypatch.setattr("fontTools.ttLib.TTFont", lambda path, lazy: font)
    (tmp_path / "listed.txt").write_text(LISTED)
    assert emoji.convert(tmp_path / "listed.txt", cldr, Path("font"), tmp_path) == 2
    assert [one.key for one in read_emoji(tmp_path)] == ["2764-200d-1f525", "1f44d"]
    with tarfile.open(tmp_path / "emoji" / emoji.PICTURES) as tar:
        assert tar.extractfile("1f44d.png").read() == b"PNG thumb"


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_gets_what_it_can_and_says_what_failed(publisher, tmp_path, monkeypatch, capsys):
    publisher.content = archive(tmp_path / "fra-eng.zip").read_bytes()
    monkeypatch.setattr(command, "LANGUAGES", {"fr": "fra"})
    monkeypatch.setattr(sentences, "source", lambda language: publisher.source())
    monkeypatch.setattr(sentences.pairs, "__defaults__", (1,))
    monkeypatch.setattr(emoji, "GROUPS", Source("listed", "http://127.0.0.1:9/listed", most=10))
    folder = tmp_path / "données à moi"
    assert command.main(["--data", str(folder)]) == 1
    told = capsys.readouterr()
    assert "3 pairs" in told.out and publisher.url in told.out and "listed cannot be reached" in told.err
    assert len(read_pairs(folder, "fr")) == 3
    assert command.main(["sentences", "--data", str(folder)]) == 0 and len(publisher.ranges) == 1
    assert command.main(["sentences", "--data", str(folder), "--again"]) == 0 and len(publisher.ranges) == 2


def test_a_part_that_there_is_not_is_told(capsys):
    with pytest.raises(SystemExit):
        command.main(["pictures"])
    assert "there are: sentences, emoji" in capsys.readouterr().err


def test_what_was_fetched_is_ignored_by_git():
    assert "/data/" in (ROOT / ".gitignore").read_text().splitlines()


def test_missing_data_is_named_with_how_to_get_it(tmp_path):
    with pytest.raises(Missing, match=r"eng-fra\.tsv\.xz is missing.*run\.py data --data") as missing:
        read_pairs(tmp_path, "fr")
    assert str(missing.value).endswith(str(tmp_path))
    with pytest.raises(Missing, match=r"emoji_names\.jsonl\.xz is missing.*run\.py data"):
        read_emoji(tmp_path)


@pytest.mark.slow
def test_a_script_that_lacks_its_data_says_so_in_a_sentence(tmp_path):
    command = [sys.executable, "-m", "training", "rnn-dot", "--data", str(tmp_path), "--run", str(tmp_path / "run")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.strip().endswith(f"This gets it: python run.py data --data {tmp_path}")
