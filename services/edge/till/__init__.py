"""The till: a shop or gate takes payments on a phone, tablet or PC."""
