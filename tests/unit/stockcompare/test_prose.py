"""Text that people wrote, on a page."""

from stockcompare.templatetags.prose import code_spans


def test_backticks_become_code_and_all_else_is_escaped() -> None:
    assert code_spans("Send `a < b` & <wait>") == "Send <code>a &lt; b</code> &amp; &lt;wait&gt;"


def test_a_lone_backtick_stays() -> None:
    assert code_spans("it`s") == "it`s"
