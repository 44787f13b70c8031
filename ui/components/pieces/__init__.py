"""The browser component gaze_pieces: what is sent to it, and how it is mounted."""
