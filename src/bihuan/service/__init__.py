"""Service to customers: what was asked and complained of, what was promised, and whether it was kept. So far: cases with
their clocks, escalation, the service matrix, investigations (8D), quality cost, and replaying the event log of another
system against targets and a calendar.

Promises: what happened to a case is appended and never changed; every clock says which promise, calendar and pauses it
came from; who has to know of a deadline is told once, in time. Refuses: how clocks are reckoned (`kernel.clocks`).
"""
