"""What queries and actions of training hand out: frozen values, no rows of the database."""
