"""Random numbers that are a function of what they are for, so that any month can be made alone and in any order."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Keys = npt.NDArray[np.int64]

_MODEL = "stockcompare-synthetic-1"


def uniforms(stream: str, keys: Keys) -> Floats:
    """Return one number in (0, 1) per key; streams are independent of each other."""
    seed = np.uint64(int.from_bytes(blake2b(f"{_MODEL}/{stream}".encode(), digest_size=8).digest(), "big"))
    bits = _mix(_mix(keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) ^ seed))
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53 + 2.0**-54


def normals(stream: str, keys: Keys) -> Floats:
    """Return one standard normal number per key (Box-Muller)."""
    radius = np.sqrt(-2.0 * np.log(uniforms(f"{stream}/radius", keys)))
    angle: Floats = 2.0 * np.pi * uniforms(f"{stream}/angle", keys)
    return radius * np.cos(angle)


def _mix(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Scramble 64 bits. Source: the finalizer of SplitMix64."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
