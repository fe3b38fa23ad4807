"""Invitations, tokens, and when personal data go."""
