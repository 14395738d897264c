"""What a process of the application does before it loads anything."""

import gc
import os

_OBJECTS_BETWEEN_COLLECTIONS = 20_000


def begin() -> None:
    """Name the settings, and set what Python and numpy take from their surroundings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stockcompare.settings")
    # Libraries are loaded and plans are made, all of which stays. To look for garbage among it after every 700 objects,
    # as Python does unless told, was an eighth of the CPU of a small update.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    # Else numpy starts a thread for each core, which waits busily for large matrices. There are none here.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
