"""Pages of a course's bank of questions: for those who write the course."""
