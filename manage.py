#!/usr/bin/env python
"""Run a management command: `python manage.py help` lists them."""

import atexit
import gc
import sys

from django.core.management import execute_from_command_line

from stockcompare.beginning import begin

if __name__ == "__main__":
    begin()
    # Else Python ends with a search for garbage among all that the libraries made: 0.3 s of a command that uses Spark.
    atexit.register(gc.freeze)
    execute_from_command_line(sys.argv)
