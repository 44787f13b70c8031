"""Questions about a model, one file a page where it fits: a request goes in, a value comes out."""
