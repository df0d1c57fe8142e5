"""Mail on cases: what comes is taken into its case or makes one, what we answer goes out, and both read as one conversation.

Also what people write to each other about a case (mentions) and the texts that they begin with (templates).
"""
