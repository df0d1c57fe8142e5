"""Recalls: a lot and all that was made of it is called back; who is to be told, what they answered, whether it worked."""
