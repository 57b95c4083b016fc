"""The learner's side: a course as it is learned, quizzes, work handed in, what is kept offline."""
