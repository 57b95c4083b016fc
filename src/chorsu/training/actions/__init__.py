"""Writing training: each module of this folder is a verb, or a few that belong together."""
