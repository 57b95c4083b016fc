"""What can go wrong with training; each class says it in its docstring."""
