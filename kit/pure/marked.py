"""Texts that are translated where they are printed and not where they stand."""


def N_(text: str) -> str:
    """Marks a text, so that it gets into the catalogs; returns it as it is."""
    return text
