"""CUDA against CPU: the same questions in two processes, and what they answer beside each other."""
