"""Pages where staff put questions together and read the answers."""
