"""English names of the languages that Gaze's own sentences, names of emoji and models know, by code; a guess of one."""

from __future__ import annotations

import regex

NAMES = {
    "en": "English",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "nl": "Dutch",
    "ja": "Japanese",
    "zh": "Chinese",
    "vi": "Vietnamese",
    "ro": "Romanian",
    "hi": "Hindi",
    "ar": "Arabic",
    "it": "Italian",
    "pt": "Portuguese",
    "ru": "Russian",
    "uk": "Ukrainian",
    "pl": "Polish",
    "cs": "Czech",
    "tr": "Turkish",
    "he": "Hebrew",
    "fa": "Persian",
    "bn": "Bengali",
    "ko": "Korean",
    "th": "Thai",
    "id": "Indonesian",
    "sv": "Swedish",
    "fi": "Finnish",
    "el": "Greek",
    "hu": "Hungarian",
}

#: Scripts that one language of those with sentences of Gaze's own is written in, the surest sign first.
SCRIPTS = (
    ("ja", regex.compile(r"[\p{Hiragana}\p{Katakana}]")),
    ("zh", regex.compile(r"\p{Han}")),
    ("hi", regex.compile(r"\p{Devanagari}")),
    ("ar", regex.compile(r"\p{Arabic}")),
)
#: Small words that are frequent in one of them and in no other.
SMALL_WORDS = {
    "fr": "le les une des du dans est et il elle qui que pour sur avec pas nous vous au ce cette sont j'ai c'est",
    "de": "der das und ist ich nicht ein eine einen den dem sie wir mit auf für zu von sich auch im hat",
    "es": "el los las una y es por con para no del lo su yo ella muy está en que al pero más",
    "nl": "het een en ik niet dat van op met voor zijn aan ook naar maar hij wij deze zij heeft is de",
}


def guessed(text: str) -> str | None:
    """The code of the language a text seems to be in, of those that Gaze has sentences in; None: nobody can tell."""
    for code, letters in SCRIPTS:
        if letters.search(text):
            return code
    words = regex.findall(r"[\p{L}']+", text.lower())
    hits = {code: sum(word in small.split() for word in words) for code, small in SMALL_WORDS.items()}
    (code, most), (_, second) = sorted(hits.items(), key=lambda one: -one[1])[:2]
    return code if most > second else None
