"""Starts the Square simulator; see simulators/stage/run.py."""

from simulators.square.play import SquarePlay
from simulators.stage.run import run

if __name__ == "__main__":
    run("square", SquarePlay)
