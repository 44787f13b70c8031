"""The browser component gaze_thumbnails: what is sent to it, and how it is mounted."""
