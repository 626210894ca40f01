"""PayPay Open Payment API: a code on our screen that the customer scans (paypay.ne.jp/opa/doc)."""
