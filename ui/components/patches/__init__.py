"""The browser component gaze_patches: what is sent to it, and how it is mounted."""
