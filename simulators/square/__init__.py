"""Square's Terminal, Payments and Refunds APIs, with a customer at the terminal."""
