"""A village and its budget: the worked example of a lab."""
