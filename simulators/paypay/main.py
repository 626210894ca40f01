"""Starts the PayPay simulator; see simulators/stage/run.py."""

from simulators.paypay.play import PayPayPlay
from simulators.stage.run import run

if __name__ == "__main__":
    run("paypay", PayPayPlay)
