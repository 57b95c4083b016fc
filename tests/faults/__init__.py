"""Faults between whole nodes: processes killed at any line, lines cut at any byte, lying peers."""
