"""Staff, teams, roles by post, and the access table: role × action × scope × field class.

Promises: `actor_for(user)` resolves a person to an `Actor` with all rights in it. Refuses: business objects.
"""
