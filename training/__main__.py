"""Runs one training script: python -m training NAME [OPTIONS]; what it lacks is said in one sentence."""

import runpy
import sys

from training.data import Missing

name = sys.argv.pop(1)
try:
    runpy.run_module(f"training.{name.replace('-', '_')}", run_name="__main__", alter_sys=True)
except Missing as missing:
    sys.exit(str(missing))
