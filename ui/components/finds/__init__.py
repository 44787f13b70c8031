"""The browser component gaze_finds: what is sent to it, and how it is mounted."""
