"""OAI-PMH 2.0 (openarchives.org/OAI/openarchivesprotocol.html): public records for catalogues."""
