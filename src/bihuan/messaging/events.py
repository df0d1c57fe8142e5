"""Writing the delivery log."""

from __future__ import annotations

from datetime import datetime

from bihuan.kernel.outbox import publish

from .models import Channel, DeliveryEvent, InMessage, OutMessage

# A message of ours that was given up, or that the server may or may not have.
LOST = frozenset({"dead", "unsure"})


def log(
    now: datetime,
    channel: Channel | int,
    kind: str,
    *,
    out: OutMessage | int | None = None,
    came: InMessage | int | None = None,
    recipient: str = "",
    code: str = "",
    note: str = "",
) -> DeliveryEvent:
    """Add one line. Called inside the transaction of what it tells of. What will not arrive is news for the room that wrote it."""
    if kind in LOST and out is not None:
        publish(f"message.{kind}", {"out": out if isinstance(out, int) else out.pk}, now=now)
    return DeliveryEvent.objects.create(
        at=now,
        channel_id=channel if isinstance(channel, int) else channel.pk,
        out_id=out if isinstance(out, int) or out is None else out.pk,
        in_id=came if isinstance(came, int) or came is None else came.pk,
        kind=kind,
        recipient=recipient[:254],
        code=code[:40],
        note=note[:2000].replace("\0", ""),
    )
