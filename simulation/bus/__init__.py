"""A model of JetStream and of the lines to it, held against a real nats-server by
tests/service/simulation. Above it kit.bus, kit.pull, kit.quick_pull, kit.publishing and kit.outbox
run as they are.
"""
