"""Pages on which people write, review, publish, translate and withdraw practices."""
