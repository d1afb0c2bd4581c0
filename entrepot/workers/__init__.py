"""Background work: the outbox's relay, the deliveries, the schedule, and the actors a slice.

`docs/workers.md` tells how to hang a consumer.
"""
