"""The browser component gaze_gold: what is sent to it, and how it is mounted."""
