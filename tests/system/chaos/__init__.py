"""The fault tests as a person starts them."""
