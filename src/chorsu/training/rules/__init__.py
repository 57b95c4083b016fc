"""Pure rules of training: no database, no framework but translation of codes."""
