"""rnn-additive: the recurrent translator whose attention is scored by the additive function."""

from training import rnn

if __name__ == "__main__":
    rnn.main("additive")
