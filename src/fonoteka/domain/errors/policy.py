"""People, rules, and the file of them that the recorder reads."""

from __future__ import annotations

from fonoteka.domain.errors.base import FonotekaError


class RuleInvalid(FonotekaError):
    """A recording rule cannot be saved as it is; the context names rule and field."""

    code = "rule.invalid"


class RuleVersionNotFound(FonotekaError):
    """There is no such version of the rules."""

    code = "rule.version_not_found"


class PeopleInvalid(FonotekaError):
    """Extensions, groups or trunks cannot be saved as they are; the context names the bad lines."""

    code = "people.invalid"


class PeopleNotFound(FonotekaError):
    """There is no such extension, group, trunk or tenant."""

    code = "people.not_found"


class PolicySnapshotCorrupt(FonotekaError):
    """The file with people and rules for the recorder cannot be read."""

    code = "policy.snapshot_corrupt"
