"""Proposals and answers from outside, and what waits for an officer."""
