"""rnn-general: the recurrent translator whose attention is scored by the general function."""

from training import rnn

if __name__ == "__main__":
    rnn.main("general")
