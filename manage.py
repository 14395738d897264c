#!/usr/bin/env python
"""Run a management command: `python manage.py help` lists them."""

import atexit
import gc
import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stockcompare.settings")
    # Else Python ends with a search for garbage among all that the libraries made: 0.3 s of a command that uses Spark.
    atexit.register(gc.freeze)
    execute_from_command_line(sys.argv)
