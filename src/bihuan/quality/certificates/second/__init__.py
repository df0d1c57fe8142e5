"""Mill certificates 3.2 after EN 10204: signed by two, and issued only with the second signature.

Clause 4.2: validated by the maker's authorised inspection representative, independent of the manufacturing department, and by the
purchaser's authorised inspection representative or the inspector designated by official regulations. `signing` keeps what the first
signed as a draft, and takes the second signature or the refusal; `rules` says what stands against either.
"""
