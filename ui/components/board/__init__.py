"""The browser component gaze_board: what is sent to it, and how it is mounted."""
