"""What each kind of spreadsheet asks, does and takes back; `actions.importing` runs them."""
