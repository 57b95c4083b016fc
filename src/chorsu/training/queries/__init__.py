"""Reading training: each module of this folder is one reader's."""
