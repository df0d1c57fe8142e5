"""Dispatch: who is sent to a customer with which kit, and what they report from there.

Promises: nobody is suggested who lacks what the job needs, is away or has another visit; each suggestion and each exclusion
says why; a check-in stops the case's on-site clock through the case's own event. What a job needs is data (`document`), never
code. Refuses: sending somebody without the certificate that the job needs, whatever the reason.
"""
