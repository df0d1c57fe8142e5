"""Step 5: what is owed and what was paid.

An invoice is a receivable, due after the customer's term, paid with the customer's delay. A credit note is a negative
receivable: it lowers a payment that is still to come, or is paid back. So of each customer the settled amounts are
equal to the payments.
"""

from __future__ import annotations

import numpy as np

from .habits import PAYMENT, Habits
from .orders import NOTHING, Documents
from .plan import Block, Ints

CENT = 10_000
METHODS = ("银行转账", "银行承兑汇票", "商业承兑汇票")


def run(block: Block) -> None:
    rng, days = block.rng("money"), block.plan.days
    habits: Habits = block.values["habits"]
    documents: Documents = block.values["documents"]
    is_note = documents.credits >= 0
    invoiced = np.flatnonzero(~is_note & (documents.delivered < days))
    who = documents.habit[invoiced]
    issued = documents.delivered[invoiced]
    due = issued + habits.term[who]
    delay = habits.payment_delay[who] + rng.normal(0, 1, len(who)) * habits.payment_spread[who]
    delay += 38 * habits.way(PAYMENT, who, due)
    delay += np.where(
        rng.random(len(who)) < 0.03, rng.uniform(15, 90, len(who)), 0
    )  # a dispute, a lost invoice
    paid = np.maximum(issued, np.rint(due + delay).astype(np.int64))

    # The credit of each invoice (an order has one credit note at most), and whether it came before the payment.
    notes = np.flatnonzero(is_note)
    place = np.full(len(documents.id), -1, dtype=np.int64)
    place[invoiced] = np.arange(len(invoiced))
    of_note = place[documents.credits[notes]]
    credit = np.zeros(len(invoiced), dtype=np.int64)
    note_day = np.full(len(invoiced), 10**6, dtype=np.int64)
    credit[of_note] = documents.amount[notes]
    note_day[of_note] = documents.day[notes]
    netted = np.where(note_day <= paid, credit, 0)
    amount = documents.amount[invoiced]
    payable = amount + netted
    is_paid = (paid < days) & (payable > 0)

    split = is_paid & (rng.random(len(invoiced)) < 0.08) & (payable > 100 * CENT)
    first = np.where(split, payable * 2 // 5 // CENT * CENT, payable)
    rest_day = paid + rng.integers(5, 40, len(invoiced))
    rest_paid = split & (rest_day < days)
    refund_day = note_day + rng.integers(3, 15, len(invoiced))
    refunded = is_paid & (credit < 0) & (netted == 0) & (refund_day < days) & (~split | rest_paid)

    settled = np.where(is_paid, np.where(split & ~rest_paid, first, payable), 0) - netted
    is_settled = settled >= amount
    settled_day = np.where(split, rest_day, np.where(payable > 0, paid, note_day))
    note_settled = (netted[of_note] < 0) | refunded[of_note]
    note_settled_day = np.where(netted[of_note] < 0, documents.day[notes], refund_day[of_note])

    add_receivables(
        block,
        np.concatenate((invoiced, notes)),
        np.concatenate((issued, documents.day[notes])),
        np.concatenate((due, documents.day[notes])),
        np.concatenate((settled, np.where(note_settled, documents.amount[notes], 0))),
        np.concatenate((np.where(is_settled, settled_day, -1), np.where(note_settled, note_settled_day, -1))),
    )
    add_payments(
        rng,
        block,
        np.concatenate((invoiced[is_paid], invoiced[rest_paid], invoiced[refunded])),
        np.concatenate((paid[is_paid], rest_day[rest_paid], refund_day[refunded])),
        np.concatenate((first[is_paid], (payable - first)[rest_paid], credit[refunded])),
    )


def add_receivables(
    block: Block, of: Ints, issued: Ints, due: Ints, settled: Ints, settled_day: Ints
) -> None:
    documents: Documents = block.values["documents"]
    issued_texts = block.dates(issued)
    moments = [one + " 01:00:00" for one in issued_texts]
    settled_on = np.where(settled_day >= 0, np.array(block.dates(settled_day), dtype=object), NOTHING)
    block.add("sales.Receivable", len(of), {
        "id": block.take_ids("sales.Receivable", len(of)),
        "customer_id": block.values["customer_ids"][documents.customer[of]],
        "order_id": documents.id[of],
        "amount": documents.amount[of],
        "settled_amount": settled,
        "issued_on": issued_texts,
        "due_on": block.dates(due),
        "settled_on": settled_on,
        "created_at": moments,
        "updated_at": moments,
    })  # fmt: skip


def add_payments(rng: np.random.Generator, block: Block, of: Ints, day: Ints, amount: Ints) -> None:
    documents: Documents = block.values["documents"]
    by_day = np.argsort(day, kind="stable")
    of, day, amount = of[by_day], day[by_day], amount[by_day]
    texts = block.dates(day)
    moments = [one + " 02:00:00" for one in texts]
    method = np.array(METHODS, dtype=object)[np.searchsorted([0.66, 0.92], rng.random(len(of)))]
    block.add("sales.Payment", len(of), {
        "id": block.take_ids("sales.Payment", len(of)),
        "customer_id": block.values["customer_ids"][documents.customer[of]],
        "order_id": documents.id[of],
        "amount": amount,
        "currency": "CNY",
        "paid_on": texts,
        "method": method,
        "created_at": moments,
        "updated_at": moments,
    })  # fmt: skip
