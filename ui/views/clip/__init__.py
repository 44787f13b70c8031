"""The screens of the CLIP page, a file each, and what they share."""
