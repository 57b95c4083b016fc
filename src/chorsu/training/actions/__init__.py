"""Changing courses and cohorts: keyword-only, asks first who may, one transaction each."""
