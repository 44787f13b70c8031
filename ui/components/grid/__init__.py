"""The browser component gaze_grid: what is sent to it, and how it is mounted."""
