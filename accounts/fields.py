"""Fields whose values have one spelling: NFKC, trimmed, lower case.

Forms, lookups, unique checks and commands go through the field, so `Bob`, ` bob ` and `ＢＯＢ` are one user everywhere.
"""

import unicodedata
from typing import Any

from django.db import models


def canonical(text: str) -> str:
    """Return the one spelling of a user name or an e-mail address.

    >>> canonical(" Ａda@Example.ORG ")
    'ada@example.org'
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).strip().lower())


class CanonicalMixin(models.Field):  # type: ignore[type-arg]  # the concrete fields below bind the types
    def to_python(self, value: Any) -> Any:
        return self.to_canonical(super().to_python(value))

    def get_prep_value(self, value: Any) -> Any:
        return self.to_canonical(super().get_prep_value(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self.to_canonical(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def to_canonical(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        # A key attribute in DynamoDB is absent or has at least one character.
        return canonical(value) or (None if self.null else "")


class CanonicalCharField(CanonicalMixin, models.CharField):  # type: ignore[type-arg]  # bound by django-stubs' plugin
    pass


class CanonicalEmailField(CanonicalMixin, models.EmailField):  # type: ignore[type-arg]  # bound by django-stubs' plugin
    pass
