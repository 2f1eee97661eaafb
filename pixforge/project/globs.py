"""Patterns of paths: * and ? within a name, ** over folders, [abc] and {a,b}. Matching is by letter case."""

from __future__ import annotations

import re
from functools import lru_cache


def matches(pattern: str, path: str) -> bool:
    """Whether a path (relative, with "/") fits a pattern; "tiles/**" fits all below tiles, "*.png" only the top."""
    return _compiled(pattern).fullmatch(path) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    text = pattern.removeprefix("./")
    parts: list[str] = []
    index = depth = 0
    while index < len(text):
        token, index = _token(text, index)
        if token == "(?:":
            depth += 1
        elif token == ")":
            token, depth = (")", depth - 1) if depth else ("\\}", 0)
        elif token == "," and depth:
            token = "|"
        parts.append(token)
    return re.compile("".join(parts) + ")" * depth, re.DOTALL)


def _token(text: str, index: int) -> tuple[str, int]:
    """Return the regular expression of what stands at an index, and where the next begins."""
    if text.startswith("**/", index) and (index == 0 or text[index - 1] == "/"):
        return "(?:.*/)?", index + 3
    if text.startswith("**", index):
        return ".*", index + 2
    char = text[index]
    if char == "[":
        end = text.find("]", index + 2)
        if end > 0:
            inner = text[index + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            return f"[^{inner[1:]}]" if inner[0] == "!" else f"[{inner}]", end + 1
    simple = {"*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")"}
    return simple.get(char, char if char == "," else re.escape(char)), index + 1
