"""The opening of Gaze: one sentence at work, and the doors."""
