"""The browser component gaze_pair: what is sent to it, and how it is mounted."""
