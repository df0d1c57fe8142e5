"""What customers are worth to us: metric values, tiers, health, tags, and the decisions behind them.

Promises: every standing has a decision, every decision has the values and the policy version that it saw, and can be
replayed. Refuses: computing a metric inside a page.
"""
