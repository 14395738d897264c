"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class LeanArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, 2 rounds and 1 lane: OWASP's Password Storage cheat sheet, read 2026-11.

    Django's default of 100 MiB a hash lets a few sign-ins at once take a small server down.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
