"""Double precision: whole runs that are too long to certify."""
