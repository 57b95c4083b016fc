"""Documents that training prints: values in, the bytes of a PDF out."""
