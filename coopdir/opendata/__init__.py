"""How the data leave: feeds, linked data, cards, dumps, what others embed, and what tells machines of all that."""
