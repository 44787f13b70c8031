"""What a page gives away beside its pictures."""
