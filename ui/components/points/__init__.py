"""The browser component gaze_points: what is sent to it, and how it is mounted."""
