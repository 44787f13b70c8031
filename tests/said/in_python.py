"""Texts in Python's sources: each string, once for each way that it can come out, with {names} put in."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

MOST = 8  # ways in which one text comes out
SEEN_THROUGH = ("escape", "str", "len", "join", "percent", "title_of")  # what they are given names the place


def texts(source: str) -> Iterator[str]:
    """Every text of a module but its docstrings and the names that it lends."""
    tree = ast.parse(source)
    lent = [one for one in tree.body if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "__all__"]
    names = {id(part) for one in lent for part in ast.walk(one)}
    docstrings = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    inside = {id(part) for one in ast.walk(tree) if isinstance(one, ast.JoinedStr) for part in one.values}
    for node in ast.walk(tree):
        plain = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if (plain or isinstance(node, ast.JoinedStr)) and id(node) not in docstrings | inside | names:
            yield from ways(node)


def ways(node: ast.expr) -> list[str]:
    """How an expression can come out: "a{'b' if c else ''}" is ab and a; what nobody knows is a {name}."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return _together(parts)
        case ast.FormattedValue(value=(ast.IfExp() | ast.JoinedStr()) as value):
            return ways(value)
        case ast.FormattedValue(value=value):
            return [f"{{{name_of(value)}}}"]
        case ast.IfExp(body=one, orelse=other):
            return (ways(one) + ways(other))[:MOST]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _together((left, right))
    return [f"{{{name_of(node)}}}"]


def _together(parts) -> list[str]:
    return ["".join(line) for line in itertools.islice(itertools.product(*map(ways, parts)), MOST)]


def name_of(node: ast.expr) -> str:
    """A short name for what an expression gives."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=(ast.Name(id=name) | ast.Attribute(attr=name)), args=given):
            return name_of(given[0]) if name in SEEN_THROUGH and given else name
        case ast.Subscript(value=value) | ast.BinOp(left=value):
            return name_of(value)
    return "x"
