"""The studio: what is missing in which language, writing, publishing, going back."""
