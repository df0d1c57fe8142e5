"""What is promised to customers in service, and whether it was kept. So far: the service matrix, and replaying
the event log of another system against targets and a calendar.

Promises: every clock can say which promise, calendar and pauses it came from. Refuses: how clocks are reckoned
(`kernel.clocks`).
"""
