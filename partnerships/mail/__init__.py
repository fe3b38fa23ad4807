"""Mails: what they say, how they are kept and sent."""
