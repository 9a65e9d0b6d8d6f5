"""Stages carried by Faust: the only package that imports it."""
