"""Languages of translators that are told by a code (NLLB, mBART, M2M100): which there are, and how each is told."""

from __future__ import annotations

import copy
import re
import sys
from dataclasses import replace
from typing import Any

from core.models.tokenizer import TOKENIZERS
from core.store.opening import Opened
from core.store.revisions import revision_of
from core.types import Refused

CODE = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}|[a-z]{2}_[A-Z]{2}")
#: Codes of two letters as NLLB writes the same language.
THREE = {
    "en": "eng", "fr": "fra", "de": "deu", "es": "spa", "nl": "nld", "ja": "jpn", "zh": "zho", "hi": "hin", "ar": "arb",
    "it": "ita", "pt": "por", "ru": "rus",
}  # fmt: skip
MOST_NAMED = 12


def codes_of(tokenizer: Any) -> tuple[str, ...]:
    """The language codes that a translator's tokenizer knows; empty where a language is told in another way."""
    if not hasattr(tokenizer, "src_lang"):
        return ()
    listed = getattr(tokenizer, "lang_code_to_id", None) or ()
    own = getattr(sys.modules[type(tokenizer).__module__], "FAIRSEQ_LANGUAGE_CODES", ())
    added = [str(piece) for piece in tokenizer.get_added_vocab() if CODE.fullmatch(str(piece))]
    found = dict.fromkeys([*listed, *(own if isinstance(own, list | tuple) else ()), *added])
    return tuple(sorted(code for code in found if code_id(tokenizer, code) is not None))


def code_id(tokenizer: Any, code: str) -> int | None:
    """The number of the piece that stands for a language; None where the vocabulary lacks it."""
    named = getattr(tokenizer, "lang_code_to_token", {}).get(code, code)
    number = tokenizer.convert_tokens_to_ids(named)
    if number is None or number == tokenizer.unk_token_id:
        number = getattr(tokenizer, "lang_token_to_id", {}).get(named)
    return number if isinstance(number, int) else None


def matching(codes: tuple[str, ...], wanted: str, title: str, *, other_than: str = "") -> str:
    """The code that a language is meant by: itself, or the one that begins with it ("fr" is fra_Latn and fr_XX).

    Nothing wanted: French or English, else the first code. Refused names some of the codes that there are.
    """
    if not wanted:
        usual = [matching_or_none(codes, one) for one in ("fr", "en", "de", "es")]
        return next((code for code in [*usual, *codes] if code and code != other_than), codes[0])
    found = matching_or_none(codes, wanted)
    if found is None:
        more = f" and {len(codes) - MOST_NAMED} more" if len(codes) > MOST_NAMED else ""
        known = f"{', '.join(codes[:MOST_NAMED])}{more}"
        raise Refused(f"{title} knows no language {wanted[:20]!r}: choose one of {known}.")
    return found


def matching_or_none(codes: tuple[str, ...], wanted: str) -> str | None:
    names = (wanted, f"{wanted}_", f"{THREE.get(wanted, wanted)}_")
    return next((code for name in names for code in codes if code == name or code.startswith(names[1:])), None)


def with_languages(opened: Opened, source: str, target: str) -> Opened:
    """The model with a tokenizer of its own that reads one language and writes another: the opened one is shared."""

    def made(*_: object) -> Any:
        own = copy.deepcopy(opened.tokenizer)
        own.src_lang, own.tgt_lang = source, target
        return own

    key = ("languages", opened.card.id, revision_of(opened.card.id), source, target)
    return replace(opened, tokenizer=TOKENIZERS.get(key, made))
