"""What the documents say of the tree, held against the tree."""
