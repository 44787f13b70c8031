"""The browser's address bar."""
