"""Bringing a state that another model made to this model. Knows both shapes, emits nothing.

What is in the history is folded anew under the new rules. What has settled is kept for rules that
kept their id; it cannot be counted anew. For that, replay the topics into a fresh application.
"""

from __future__ import annotations

from scorer.domain.history import rebuild
from scorer.domain.ledger import Account, Ledger
from scorer.domain.plan import Plan, RulePlan
from scorer.domain.posting import refit
from scorer.domain.state import LeadState


def adopt(state: LeadState, plan: Plan) -> None:
    """Make the state one of `plan`'s model: the base converted, the head rebuilt."""
    if state.base is not None:
        _convert(state.base, plan)
    rebuild(state, plan)
    state.model_hash = plan.hash


def _convert(ledger: Ledger, plan: Plan) -> None:
    ledger.accounts = {
        rule_id: _reshaped(account, plan.rules[rule_id])
        for rule_id, account in ledger.accounts.items()
        if rule_id in plan.rules and not plan.rules[rule_id].conditions
    }
    known = {d.id for d in plan.dimensions}
    ledger.held = {name: value for name, value in ledger.held.items() if name in known}
    ledger.attributes = {n: v for n, v in ledger.attributes.items() if n in plan.by_attribute}
    refit(ledger, plan)


def _reshaped(account: Account, rule: RulePlan) -> Account:
    """The same occurrences in the form that the rule's decay and limits now need."""
    if rule.summed and account.items is not None:
        account.ref = int(account.items[-1][0]) if account.items else account.ref
        account.items = None
    elif not rule.summed and account.items is None:
        account.items = [[account.ref, account.weight]] if account.weight else []
    if len(account.limits or ()) != len(rule.limits):
        account.limits = [None] * len(rule.limits) if rule.limits else None
    return account
