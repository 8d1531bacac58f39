"""Typer commands, one module per noun: parse, one service call, print."""
