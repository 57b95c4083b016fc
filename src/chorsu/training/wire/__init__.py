"""What of training travels: what is built from a whitelist here is read strictly there.

What may live here: values in, values out. No database, no clock, no person.
"""
