"""The plant of a made company: lots from raw material to shipment, with a few causes planted. Described by each pack's `plant.yaml`."""
