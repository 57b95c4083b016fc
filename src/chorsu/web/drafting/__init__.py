"""What every editor of a record needs, whatever the record is: controls, merging, two sides."""
