"""Whose calls are recorded: tenants, people, trunks and rules. Use cases are verbs."""

from fonoteka.policy.csv_table import Problem
from fonoteka.policy.dry_run import Amount, DryRun, DryRunExample, Move, dry_run
from fonoteka.policy.extensions import delete_extension, save_extension
from fonoteka.policy.groups import delete_group, save_group
from fonoteka.policy.people_csv import PeopleKind, Person
from fonoteka.policy.people_import import Preview, export_people, import_people, preview_people
from fonoteka.policy.policy_room import PolicyRoom, publish
from fonoteka.policy.rules import RuleVersion, restore_version, rule_history, rule_set, save_rule_set
from fonoteka.policy.tenants import (
    act_for,
    create_tenant,
    directory,
    list_tenants,
    own_tenant,
    save_tenant,
    trunks_of_tenants,
)
from fonoteka.policy.trunks import delete_trunk, save_trunk
from fonoteka.policy.which_rule import PassedRule, RuleAnswer, which_rule

__all__ = [
    "Amount",
    "DryRun",
    "DryRunExample",
    "Move",
    "PassedRule",
    "PeopleKind",
    "Person",
    "PolicyRoom",
    "Preview",
    "Problem",
    "RuleAnswer",
    "RuleVersion",
    "act_for",
    "create_tenant",
    "delete_extension",
    "delete_group",
    "delete_trunk",
    "directory",
    "dry_run",
    "export_people",
    "import_people",
    "list_tenants",
    "own_tenant",
    "preview_people",
    "publish",
    "restore_version",
    "rule_history",
    "rule_set",
    "save_extension",
    "save_group",
    "save_rule_set",
    "save_tenant",
    "save_trunk",
    "trunks_of_tenants",
    "which_rule",
]
