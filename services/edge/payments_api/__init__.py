"""The door for terminals and registers: signed JSON over HTTP."""
