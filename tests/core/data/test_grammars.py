"""Sentences by grammars of our own: written as each language is written, and agreeing with their subjects."""

import random

import pytest
import regex

from core.data import grammars
from core.data.grammars import LANGUAGES, SENTENCES, SLOT, filled, grammar, grammar_sentences

CAPITALS = ("fr", "de", "es", "nl", "vi")
SPACED = (*CAPITALS, "hi", "ar")
ENDS = {"ja": "。", "zh": "[。？]", "hi": "[।?]", "ar": "[.؟]"} | dict.fromkeys(CAPITALS, "[.?]")
SCRIPTS = {"ja": r"[\p{Han}\p{Hiragana}\p{Katakana}ー]", "zh": r"\p{Han}", "hi": r"\p{Devanagari}", "ar": r"\p{Arabic}"}
SCRIPTS |= dict.fromkeys(CAPITALS, r"\p{Latin}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_different_and_the_same_at_each_call(language):
    some = grammar_sentences(language)
    assert len(some) == len(set(some)) == SENTENCES and grammar_sentences(language) == some


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_written_as_the_language_is(language):
    for text in grammar_sentences(language):
        assert regex.search(f"{ENDS[language]}$", text), text
        assert not regex.search(r"\s\s|^\s|\s$|[{}]| [.,;。，،؟।]", text), text
        assert text.count("«") == text.count("»")
        assert text.count("„") == (text.count("“") if language == "de" else 0)
        first = regex.search(r"\p{L}", text)
        assert first is not None and (language not in CAPITALS or first[0].isupper()), text
        assert bool(regex.search(r"\s", text)) is (language in SPACED), text
        assert all(regex.match(SCRIPTS[language], letter) for letter in regex.findall(r"\p{L}", text)), text


@pytest.mark.parametrize("language", SPACED)
def test_sentences_have_four_to_eighteen_words(language):
    lengths = {len(regex.findall(r"\S*\p{L}\S*", text)) for text in grammar_sentences(language)}
    assert min(lengths) >= 4 and max(lengths) <= 18 and len(lengths) >= 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_a_kind_stand_once_and_fit_their_lines(language):
    kinds, lines = grammar(language)["kinds"], grammar(language)["lines"]
    assert len(lines) == len(set(lines)) >= 18
    used = set()
    for name, words in kinds.items():
        rows = [tuple(word) if isinstance(word, list) else word for word in words]
        assert len(rows) == len(set(rows)) >= 4 and len({type(row) for row in rows}) == 1, name
        assert len({len(row) for row in rows if isinstance(row, tuple)}) <= 1, name
    for line in lines:
        for name, _, part in SLOT.findall(line):
            used |= set(name.split("|"))
            for kind in name.split("|"):
                assert bool(part) is isinstance(kinds[kind][0], list), line
                assert not part or int(part) < len(kinds[kind][0]), line
        assert "{" not in SLOT.sub("", line) and "}" not in SLOT.sub("", line)
    assert used == set(kinds)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_is_among_the_sentences(language):
    texts = grammar_sentences(language)
    for line in grammar(language)["lines"]:
        shape = regex.compile(".+".join(map(regex.escape, regex.split(r"\{.*?\}", line))), regex.IGNORECASE)
        assert any(shape.fullmatch(text) for text in texts), line


def test_a_line_takes_a_word_again_another_one_and_its_parts(monkeypatch):
    known = {"kinds": {"one": ["ada", "bo"], "two": ["cy", "di"], "does": [["sees", "seen"], ["takes", "taken"]]}}
    monkeypatch.setattr(grammars, "grammar", lambda _: known)
    for seed in range(20):
        text = filled("¿{one} {one} {one+} {does 0} {does 1} {does+ 0} {one|two}?", "xx", random.Random(seed))
        first, again, other, verb, past, verb2, either = text.strip("¿?").split()
        assert first in ("Ada", "Bo")
        assert again == first.casefold() and {again, other} == {"ada", "bo"}
        assert (verb, past) in (("sees", "seen"), ("takes", "taken")) and {verb, verb2} == {"sees", "takes"}
        assert either in ("ada", "bo", "cy", "di")


def subjects(language):
    kinds = grammar(language)["kinds"]
    return ({*kinds["man"], *kinds["beast"]}, {*kinds["woman"], *kinds["hen"]})


def has(text, word):
    return regex.search(rf"(?<![\p{{L}}\p{{M}}]){regex.escape(word)}(?![\p{{L}}\p{{M}}])", text)


def only(language, mine, others):
    """Sentences with subjects of one gender alone."""
    return [
        text
        for text in grammar_sentences(language)
        if any(has(text, one) for one in mine) and not any(has(text, one) for one in others)
    ]


def test_hindi_verbs_end_as_the_gender_of_their_subject_asks():
    men, women = subjects("hi")
    his, hers = r"(?:ता|ना चाहता|रहा|ेगा|एगा)", r"(?:ती|ना चाहती|रही|ेगी|एगी)"
    free = r"\bने\b|को पता है|के पास समय| ने "  # the verb agrees with its object, or not with a person
    for mine, others, right, wrong in ((men, women, his, hers), (women, men, hers, his)):
        found = [text for text in only("hi", mine, others) if not regex.search(free, text)]
        assert len(found) > 300
        for text in found:
            main = regex.split(r", क्योंकि", text)[0].rstrip("।?")
            assert regex.search(rf"{right}(?: है)?$", main), text
            assert not regex.search(rf"{wrong}(?: है)?$", main), text


def test_hindi_verbs_of_two_subjects_agree_each_with_its_own():
    for text in grammar_sentences("hi"):
        if ", लेकिन " in text or text.startswith("जब "):
            one, other = regex.split(", लेकिन |, तब ", text)
            assert regex.search("(?:ता|रहा) है$", one) and regex.search("(?:ती|रही) है।$", other), text


def test_arabic_verbs_begin_and_end_as_the_gender_of_their_subject_asks():
    men, women = subjects("ar")
    kinds = grammar("ar")["kinds"]
    stems = {row[0] for row in kinds["does"]} | {text.split()[0] for text in (*kinds["leisure"], *kinds["moves"])}
    stems |= {"ريد", "بقى", "سكن", "سرع", "عرف"}
    pasts = {row[1] for row in kinds["does"]} | {"قال"}
    his = {f"{sign}ي{stem}" for stem in stems for sign in ("", "س", "و")} | pasts | {"اشترى"}
    hers = {f"{sign}ت{stem}" for stem in stems for sign in ("", "س", "و")} | {f"{past}ت" for past in pasts} | {"اشترت"}
    assert not his & hers
    for mine, others, right, wrong in ((men, women, his, hers), (women, men, hers, his)):
        found = only("ar", mine, others)
        assert len(found) > 700
        for text in found:
            said = regex.sub("«.*»", "", text)
            words = set(regex.findall(r"[\p{L}\p{M}]+", said))
            assert words & right and not words & wrong, text
