"""Print what a catalogue lacks and what it holds too much: `python -m tests.said de`."""

import sys

from tests.said import phrases

for language in sys.argv[1:] or phrases.languages():
    for text, place in phrases.lacking(language).items():
        print(f"{language} lacks\t{place}\t{text}")
    for text in phrases.left_over(language):
        print(f"{language} has too much\t\t{text}")
