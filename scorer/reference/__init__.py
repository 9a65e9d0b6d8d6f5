"""The reference pages in docs/reference, made from the code. Knows every catalogue, decides nothing.

`make docs` writes them; a test compares them with the code, so that they cannot fall behind.
"""
