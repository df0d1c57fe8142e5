"""Mail as the world writes it, read and written without a database: bytes in, plain values out.

`parse` reads a mail, `kinds` says what it is (message, automatic reply, bounce, loop, forged), `threads` to which
object it belongs, `quotes` which of its text is new, `compose` writes one. Nothing here asks for the time.
"""
