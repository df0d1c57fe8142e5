"""Companies that changed the access table. What holds as delivered must hold for any table.

As delivered, whoever sees a customer sees what hangs on it; in the divided company each object reaches otherwise, so
that a guard which leans on another one's scope or classes is found out.
"""

from __future__ import annotations

from bihuan.kernel.actor import SYSTEM, Scope
from bihuan.people import services

from .world import NOON

# "post object actions: scope classes"
DIVIDED = (
    "manager journal view,export: own public",
    "director journal view,export: all public",
    "salesperson staff view: own public",
    "service_agent staff view: team public,contact",
    "quality staff view: own public,contact",
    "quality staff edit: all public,contact",
    "dispatcher staff view: all public,contact",
    "dispatcher staff edit: own public,contact",
    "technical staff edit: all public",
    "dispatcher product view: own public",
    "salesperson customer view,export: all public",
    "salesperson contact view,export: own public,contact",
    "salesperson site view,export: own public",
    "salesperson order view,export: own public",
    "salesperson metric view,export: own public",
    "salesperson decision view,export: own public",
    "service_agent customer view: all public,contact",
    "service_agent contact view: all public",
    "service_agent order view: team public",
    "service_agent receivable view: all public",
    "service_agent payment view: all public",
    "service_agent metric view: own public,commercial",
    "salesperson case view,export: own public,technical",
    "service_agent case view,note: own public",
    "service_agent case export: all public",
    "technical case view,edit: own public,technical",
    "quality customer view: team public,technical",
    "quality case view: team public,technical",
    "quality case note: own public",
    "dispatcher case view: all public,technical",
    "dispatcher case note: own public",
    "dispatcher decision view: own public",
    "manager case view,edit: team public,contact",
    "director case view,export: all public",
    "director case edit: own public",
    "administrator case view: none public",
    "service_agent message view,edit: team public,contact",
    "salesperson message view: own public,contact",
    "technical message view: all public",
    "quality message view,edit: all public,contact",
    "dispatcher message view: team public,contact",
    "director message edit: team public,contact",
    "service_agent investigation view: own public",
    "service_agent investigation edit: own public",
    "technical investigation view: team public",
    "quality investigation view: all public",
    "manager investigation view,export: own public,technical",
    "director investigation view: team public,technical",
    "salesperson objection view: own public",
    "service_agent objection view,edit: all public,commercial",
    "technical objection view,edit: own public,technical",
    "quality objection view: team public",
    "quality objection edit: own public",
    "dispatcher objection view: own public",
    "manager objection view,export: team public,technical",
    "director objection view,edit: own public,commercial",
    "quality quality_cost view: all public",
    "manager quality_cost view,export: own public,commercial",
    "director quality_cost view,export: team public,commercial",
    "auditor quality_cost view: own public",
    "service_agent visit view: own public",
    "technical visit view,edit: own public,technical",
    "quality visit view: team public,technical",
    "dispatcher visit view: all public,technical",
    "dispatcher visit create: own public",
    "manager visit view,create,edit: own public,contact",
    "director visit view: team public,contact,technical",
    "service_agent technician view: team public",
    "quality technician view: team public",
    "dispatcher technician view: all public",
    "dispatcher technician edit: own public",
    "director technician view: own public,contact",
    "service_agent station view: all public",
    "quality station view: own public",
    "dispatcher station edit: own public",
    "director station view,edit: team public",
    "service_agent lot_shipment view: own public",
    "technical lot_test view: own public,technical",
    "quality lot_test view: all public",
    "quality lot_shipment view: team public",
    "dispatcher lot view: team public",
    "dispatcher lot_shipment view: own public",
    "director lot_test view: team public,technical",
    "technical customer view: team public,technical",
    "director metric view: all public",
    "administrator decision view,propose: team public,commercial",
    "technical contact view: none public",
    "technical decision view,propose: own public",
    "technical duplicate view: all public",
    "technical metric view: own public,commercial",
    "quality metric view: all public",
    "quality decision view: all public,commercial",
    "manager customer view,export: all public,contact,commercial",
    "manager metric view: team public,commercial",
    "manager decision view,export,propose: all public",
    "dispatcher receivable view: own public,commercial",
    "dispatcher payment view: own public,commercial",
    "dispatcher customer export: own public",
    "manager duplicate view,merge: own public,contact",
    "administrator customer view,export,edit: team public,contact,commercial",
    "director customer view,export,edit,merge: all public",
    "manager staff view,hand_over: team public",
    "manager import view: own public",
    "director import view: team public",
)  # fmt: skip


def lay_over(cells: tuple[str, ...]) -> None:
    """Change the company's table as an administrator would."""
    for cell in cells:
        place, _colon, grant = cell.partition(": ")
        role, object_name, actions = place.split()
        scope, classes = grant.split()
        for action in actions.split(","):
            services.override_access(
                actor=SYSTEM,
                role=role,
                object_name=object_name,
                action=action,
                scope=Scope[scope.upper()],
                classes=classes.split(","),
                now=NOON,
            )
