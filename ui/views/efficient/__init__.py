"""The views of the page Cheaper attention: maps, what is lost and saved, growth."""
