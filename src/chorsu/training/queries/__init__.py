"""Reading training; each folder one subject."""
