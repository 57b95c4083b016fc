"""The work area for courses: drafts, their outline, their units, review, publication."""
