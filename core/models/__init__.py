"""How each kind of model is asked: text, vision, clip, recurrent; each gives an Encoding."""
