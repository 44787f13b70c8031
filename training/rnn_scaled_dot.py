"""rnn-scaled-dot: the recurrent translator whose attention is scored by the scaled-dot function."""

from training import rnn

if __name__ == "__main__":
    rnn.main("scaled-dot")
