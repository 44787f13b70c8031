"""The browser component gaze_panels: what is sent to it, and how it is mounted."""
