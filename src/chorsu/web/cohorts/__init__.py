"""Pages of cohorts: for those who run them, who nominate, and who learn."""
