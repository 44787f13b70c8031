"""What people bring and what comes with Gaze: texts, pairs, tables, pictures, scenes."""
