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


class CellState(models.TextChoices):
    """Where a cell of the plan stands."""

    PLANNED = "planned", "Planned"
    FETCHING = "fetching", "Fetching"
    DONE = "done", "Done"
    ABSENT = "absent", "Absent"
    FAILED = "failed", "Failed"
    PAUSED = "paused", "Paused"
    CANCELLED = "cancelled", "Cancelled"


class BackfillCell(models.Model):
    """One symbol in one month of one lake, in the plan that all fetchers share.

    `holder` names the run that fetches it. The cell is free again when that run's process is gone, or at `lease_until`.
    """

    lake = models.CharField(max_length=500)
    symbol = models.CharField(max_length=20)
    month = models.CharField(max_length=7)
    provider = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=CellState, default=CellState.PLANNED)
    reason = models.TextField(blank=True)
    bars = models.PositiveIntegerField(null=True, blank=True)
    force = models.BooleanField(default=False, help_text="Ask for it even if it is final in the lake.")
    tries = models.PositiveSmallIntegerField(default=0)
    holder = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-month", "symbol"]
        default_permissions = ("view",)
        permissions: ClassVar = [("plan_backfill", "Can pause, resume and cancel the plan")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["lake", "symbol", "month"], name="one_cell_per_month")]
        indexes: ClassVar = [models.Index(fields=["lake", "state", "-month", "symbol"], name="cell_by_state")]
        verbose_name = "month of the plan"
        verbose_name_plural = "months of the plan"

    def __str__(self) -> str:
        return f"{self.symbol} {self.month}"


class Tracking(models.TextChoices):
    """Whether prices of a symbol are fetched after each close."""

    CONFIGURED = "", "as PRICES_SYMBOLS says"
    ADDED = "added", "Added"
    REMOVED = "removed", "Removed"


class Symbol(models.Model):
    """A symbol in canonical form: what the exchanges' listing says of it, and whether its prices are fetched."""

    symbol = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=200, blank=True)
    exchange = models.CharField(max_length=40, blank=True)
    asset_type = models.CharField(max_length=20, blank=True)
    listed = models.DateField(null=True, blank=True)
    delisted = models.DateField(null=True, blank=True)
    renamed_to = models.CharField(max_length=20, blank=True)
    tracking = models.CharField(max_length=10, choices=Tracking, blank=True, default=Tracking.CONFIGURED)
    tracked_at = models.DateTimeField(null=True, blank=True)
    listing_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["symbol"]
        default_permissions = ("view", "add", "change")
        indexes: ClassVar = [models.Index(fields=["tracking"], name="symbol_by_tracking")]

    def __str__(self) -> str:
        return self.symbol


def budget_of(account: Account) -> KeyBudget:
    return KeyBudget.objects.get_or_create(provider=account.provider, fingerprint=account.fingerprint)[0]
