"""Accounts: login (django-allauth, adapted), and the pages of one's own account and of other people's.

What is written about people is written by ``partnerships.people.invitations``.
"""
