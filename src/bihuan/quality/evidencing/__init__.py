"""What happens to lots and cases goes into the evidence log, once and in order.

`facts` makes events of rows; `entering` keeps them as entries when the outbox brings news; `writing` appends what waits to the log;
`reading` makes them anew of the rows, so that a row that was altered is found, and bundles those of a lot.
"""
