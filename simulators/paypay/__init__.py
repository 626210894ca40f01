"""PayPay's Open Payment API, with a customer who scans codes."""
