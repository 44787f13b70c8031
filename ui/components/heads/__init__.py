"""The browser component gaze_heads: what is sent to it, and how it is mounted."""
