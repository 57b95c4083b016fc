"""Changing what training holds: keyword-only, guards first, one transaction."""
