"""From metric values to decisions: simulate, propose, decide, replay.

Who moves is found for all customers at once by the set evaluator, in a process of its own; each mover is then
explained by the evaluator for one customer, and the two must agree. What was seen is kept with the decision as text.
"""
