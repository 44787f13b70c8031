"""The views of the page Transfer: languages and factors."""
