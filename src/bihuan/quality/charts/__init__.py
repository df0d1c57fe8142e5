"""Control charts of results and readings over the lots of a product."""
