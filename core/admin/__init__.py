"""What all pages of the administration share."""
