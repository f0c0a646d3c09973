"""What comes of a marking: a feedback sheet for each student, and the results of the class."""
