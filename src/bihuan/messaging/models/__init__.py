from .channel import Channel, Mailbox
from .events import DeliveryEvent
from .incoming import InAttachment, InMessage, Pickup
from .outgoing import OutMessage
from .wordings import MessageTemplate

__all__ = [
    "Channel",
    "DeliveryEvent",
    "InAttachment",
    "InMessage",
    "Mailbox",
    "MessageTemplate",
    "OutMessage",
    "Pickup",
]
