"""What a measure is, in the words of the registry, for whoever reads its name."""

from typing import Any

from django import template

from analytics.measures import find_measure

register = template.Library()


@register.inclusion_tag("includes/explained.html")
def explained(table: str, column: str, label: str = "") -> dict[str, Any]:
    """Write the name of a measure as a button that explains it. A page names each column of a table once.

    Raises LookupError for a column that holds no measure.
    """
    measure = find_measure(table, column)
    if measure is None:
        raise LookupError(f"{table}.{column} is not in the registry of measures")
    return {"measure": measure, "label": label or measure.name, "id": f"about-{table}-{column}"}
