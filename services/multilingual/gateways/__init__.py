"""What leaves the guide in other forms than text."""
