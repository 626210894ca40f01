"""An acquirer that moves no money: a remote party with a memory and bad days."""
