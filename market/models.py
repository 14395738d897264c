"""What fetching shares between processes, in the relational database and shown in the admin."""

from typing import ClassVar

from django.db import models

from market.limits import Account


class KeyBudget(models.Model):
    """A provider's key, by its fingerprint. Its row is the lock under which requests are counted.

    A window is closed until the instant beside it because the provider said that there were too many requests.
    """

    provider = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=16, blank=True)
    second_closed_until = models.DateTimeField(null=True, blank=True)
    minute_closed_until = models.DateTimeField(null=True, blank=True)
    day_closed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ("view",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "fingerprint"], name="one_budget_per_key")]
        verbose_name = "budget of a key"
        verbose_name_plural = "budgets of keys"

    def __str__(self) -> str:
        return f"{self.provider}, key {self.fingerprint[:6]}…"


class RequestAttempt(models.Model):
    """One request, written down before it was sent.

    `settled_at` and `outcome` stay empty when the process ended before the answer came; it counts all the same.
    """

    budget = models.ForeignKey(KeyBudget, on_delete=models.CASCADE, related_name="attempts")
    function = models.CharField(max_length=60)
    symbol = models.CharField(max_length=20, blank=True)
    month = models.CharField(max_length=7, blank=True)
    sent_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    size = models.PositiveIntegerField(null=True, blank=True, help_text="Bytes of the answer.")

    class Meta:
        ordering: ClassVar = ["-sent_at", "-pk"]
        default_permissions = ("view",)
        indexes: ClassVar = [models.Index(fields=["budget", "-sent_at"], name="attempt_by_budget")]
        verbose_name = "request"

    def __str__(self) -> str:
        asked = " ".join(word for word in (self.function, self.symbol, self.month) if word)
        return f"{asked}, {self.sent_at:%Y-%m-%d %H:%M:%S} UTC"


def budget_of(account: Account) -> KeyBudget:
    return KeyBudget.objects.get_or_create(provider=account.provider, fingerprint=account.fingerprint)[0]
