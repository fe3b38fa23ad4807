"""What the pages of places and countries gather."""
