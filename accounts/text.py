"""What a name that a person gives to a thing may hold."""

from django.core.validators import RegexValidator

# One line of text: control characters, and the marks that turn the direction of text, would hide what it says.
plain_text = RegexValidator(
    r"^[^\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]*\Z",
    "Write it in one line, without control characters.",
)
