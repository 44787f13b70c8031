"""The small sentences: all different, French in order and gender, and the one that is shown is not among them."""

from core.data.small_pairs import AFTER, BEFORE, NOUNS, PAIRS, SHOWN, small_pairs


def test_they_are_different_and_the_shown_one_is_not_learned_from():
    some = small_pairs()
    assert len(some) == len(set(some)) == PAIRS and SHOWN not in some
    assert SHOWN[0] not in {english for english, _ in some}


def test_adjectives_agree_and_stand_where_french_puts_them():
    genders = {french: feminine for _, french, feminine in NOUNS}
    after = {form: feminine for _, *forms in AFTER for feminine, form in enumerate(forms) if len(set(forms)) > 1}
    before = {form: feminine for _, *forms in BEFORE for feminine, form in enumerate(forms)}
    for _, french in (*small_pairs(), SHOWN):
        words = french.rstrip(".").lower().split()
        for place, word in enumerate(words):
            if word in genders:
                article = next(w for w in reversed(words[:place]) if w in ("le", "la"))
                assert article == ("la" if genders[word] else "le"), french
            if word in after:
                assert genders[words[place - 1]] == after[word], french
            if word in before:
                assert genders[words[place + 1]] == before[word], french
