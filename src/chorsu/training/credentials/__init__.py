"""What a certificate says and what it is refused for: values in, values out, no database.

The format itself is `wire.credential`, because the stand-alone verifier reads it too.
"""
