"""Replaying a foreign event log: `documents` reads targets and calendars, `lines` a line, `log` the file case by case, `rows`
what is written for a clock. The format stands in docs/service-clocks.md."""
