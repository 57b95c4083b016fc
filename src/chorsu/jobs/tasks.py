"""Background jobs: each takes primitives and makes one call down."""
