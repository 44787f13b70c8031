"""The views of the page Attention: all heads, a table, BertViz's own."""
