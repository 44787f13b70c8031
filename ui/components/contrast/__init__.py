"""The browser component gaze_contrast: what is sent to it, and how it is mounted."""
