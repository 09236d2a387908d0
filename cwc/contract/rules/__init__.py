"""The rules of the contract over hand-written code: one module a rule,
its explanation and cases in a page beside it."""
