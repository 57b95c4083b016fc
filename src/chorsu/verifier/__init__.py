"""Checks a saved record offline: the words for what it proves, and the command.

Needs no node, no database and no Django: only `wire`, `kernel` and, for other languages than
English, the compiled catalogues of the pages.
"""
