"""The views of the page Tokenizers: pieces, what phrases share, what a language costs."""
