"""Messages with the world outside: channels, templates, the queue out, mail in, and the log of every delivery.

This room carries messages and keeps them; what a message is about is a text key such as `case:12`. Rooms above say
by `receivers.register_receiver` who takes the mail that belongs to their objects. What nobody takes waits where a
person sees it. A message out is never sent twice; a message in is taken in exactly once, and none is thrown away.
"""
