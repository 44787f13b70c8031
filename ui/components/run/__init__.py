"""The browser component gaze_run: what is sent to it, and how it is mounted."""
