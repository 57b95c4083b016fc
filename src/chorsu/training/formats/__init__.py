"""Formats of other programs: spreadsheets in, calendars out. No database."""
