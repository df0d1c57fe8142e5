"""Wiring: settings, addresses, start-up, the command."""
