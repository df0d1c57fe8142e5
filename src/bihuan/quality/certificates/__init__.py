"""Certificates of lots: analysis, mill certificates after EN 10204, origin reports.

`preparing` gathers what a certificate would say and what stands against it; `issuing` signs it, which makes its next version; `changes`
notices results that came or fell since; `telling` sends it. What a version said stays as it was.
"""
