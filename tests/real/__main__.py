"""Gets the real checkpoints: python -m tests.real."""

from tests.real.checkpoints import PLACE, get

if __name__ == "__main__":
    get()
    print(f"They lie in {PLACE}; set GAZE_REAL to another folder before, to have them there.")
