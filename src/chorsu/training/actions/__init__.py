"""Changing training. Every action is keyword-only, asks first who may, and is one transaction."""
