"""The room's messages are offered on the page of wordings."""

from pathlib import Path

from bihuan.messaging.wordings import register_wordings

register_wordings(Path(__file__).with_name("wordings.yaml"))
