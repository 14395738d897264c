"""What a column of a table means, in the words of the registry."""

from django import template

from analytics.measures import find_measure

register = template.Library()


@register.simple_tag
def about(table: str, column: str) -> str:
    """Return what a tooltip says of a measure. Raises LookupError for a column that holds none."""
    measure = find_measure(table, column)
    if measure is None:
        raise LookupError(f"{table}.{column} is not in the registry of measures")
    return f"{measure.sentence} {measure.formula} ({measure.unit}). {measure.convention}"
