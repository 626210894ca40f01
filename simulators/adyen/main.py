"""Starts the Adyen simulator; see simulators/stage/run.py."""

from simulators.adyen.play import AdyenPlay
from simulators.stage.run import run

if __name__ == "__main__":
    run("adyen", AdyenPlay)
