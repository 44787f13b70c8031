"""The browser component gaze_alike: what is sent to it, and how it is mounted."""
