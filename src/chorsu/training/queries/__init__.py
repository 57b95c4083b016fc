"""Reading of training."""
