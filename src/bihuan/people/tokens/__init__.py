"""Access tokens: how a program of another company asks us, in the name of one of our people and for what the token says, nothing else.

`scopes` are what tokens can be for, named by the rooms that answer; `services` make, revoke and prove them; `doors` let them in to the
views that say so, and to no other; `views` is the administrator's page.
"""
