"""What the page Train one here shows."""
