"""What is wrong with forms, evaluations and queues."""

from __future__ import annotations

from collections.abc import Callable


def of_scores(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    n = r"Question (?P<n>\d+)"
    return (
        (f"{n} has no answer\\.", gettext("Question %(n)s has no answer.")),
        (
            f"{n}: say why .*",
            gettext("Question %(n)s: say in the comment why the machine's answer is wrong."),
        ),
        (f"{n}: the text is missing\\.", gettext("Question %(n)s: the text is missing.")),
        (f"{n}: a weight is 0 to .*", gettext("Question %(n)s: a weight is 0 to 100.")),
        (f"{n}: a scale ends .*", gettext("Question %(n)s: a scale ends at 1 to 10.")),
        (f"{n}: points are .*", gettext("Question %(n)s: points are 0 to 100.")),
        (f"{n}: 2 choices or more .*", gettext("Question %(n)s: two choices or more are needed.")),
        (f"{n}: a choice with points .*", gettext("Question %(n)s: at least one choice needs points.")),
        (f"{n}: there are at most .*", gettext("Question %(n)s: there are at most 10 choices.")),
        (f"{n}: a rule needs a bound\\.", gettext("Question %(n)s: the machine needs a bound to judge by.")),
        (f"{n}: a bound is 0 to .*", gettext("Question %(n)s: a bound is too high.")),
        (f"{n}: the lower bound .*", gettext("Question %(n)s: the lower bound is above the upper one.")),
        (f"{n}: there is no such topic .*", gettext("Question %(n)s: there is no such topic any more.")),
        (f"{n}: a topic cannot be heard .*", gettext("Question %(n)s: a topic cannot be before itself.")),
        (f"{n}: seconds are 1 to .*", gettext("Question %(n)s: seconds are 1 to 3600.")),
        (r"A form needs a name\.", gettext("A form needs a name.")),
        (r"A form needs a question with a weight\.", gettext("A form needs a question with a weight.")),
        (r"A form has at most (?P<n>\d+) questions\.", gettext("A form has at most %(n)s questions.")),
        (r"A form has at most (?P<n>\d+) sections\.", gettext("A form has at most %(n)s sections.")),
        (r"There are (?P<n>\d+) forms, .*", gettext("There are %(n)s forms, and no more can be made.")),
        (
            r"The evaluation is not open .*|It is open already, .*|It is being changed already\.",
            gettext("This scorecard is not open for that now. Load the page again."),
        ),
        (r"No appeal waits .*", gettext("The appeal was answered already.")),
        (r"This submission was appealed .*", gettext("There was an appeal against this already.")),
        (r"There is no such scorecard.*", gettext("This form is not in use any more.")),
        (r"Calls are drawn of 1 to (?P<n>\d+) days\.", gettext("Calls are drawn of 1 to %(n)s days.")),
        (r"More than (?P<n>\d+) calls are .*", gettext("More than %(n)s calls: narrow the filters.")),
        (r"A text is needed\.", gettext("A text is needed.")),
    )
