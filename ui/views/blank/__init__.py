"""The views of the page Fill the blank: each takes what was chosen, draws it, and gives two sentences for the notes."""
