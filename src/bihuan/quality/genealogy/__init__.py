"""Pure reckoning of genealogies: balances, how inputs part among outputs, shares. Knows no Django."""
