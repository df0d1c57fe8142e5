"""Service to customers: what was asked and complained of, what was promised, and whether it was kept. Cases with their
clocks, files, mail and references; escalation, duty and the green channel; the service matrix; dispatch and visits;
objections; investigations (8D), quality cost, the monthly review; and replaying the event log of another system
against targets and a calendar.

Promises: what happened to a case is appended and never changed; every clock says which promise, calendar and pauses it
came from; who has to know of a deadline is told once, in time. Refuses: how clocks are reckoned (`kernel.clocks`).
"""
