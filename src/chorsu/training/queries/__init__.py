"""Reading courses and cohorts."""
