"""Municipal open data of sights and occasions: what its columns and sentences mean."""
