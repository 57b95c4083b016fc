"""Signing in at other nodes, on both sides: the home that vouches, the node that teaches."""
