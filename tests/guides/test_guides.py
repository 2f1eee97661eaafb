"""What README and guides tell a user to type is typed, with their words, and does what they say."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.guides.fences import NOT_RUN, ROOT, Block, blocks

if TYPE_CHECKING:
    from tests.guides.conftest import Hand

GUIDES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/guides/*.md"))
TYPED = ["README.md", "docs/hooks.md", "docs/jobs.md", *GUIDES]
# How many commands (and files) of each document are not run, and why: a new one is a decision, made here as well.
LEFT_OUT = {
    "README.md": {"suite": 2},
    "docs/hooks.md": {"program": 1, "machines": 3},
    "docs/guides/build-engineers.md": {"machines": 3},
    "docs/guides/trainers.md": {"gpu": 4},
}


TYPES = pytest.mark.skipif(sys.platform == "win32" or not shutil.which("git"), reason="types into sh, and needs git")


@TYPES
@pytest.mark.parametrize("name", TYPED)
def test_every_command_and_file_of_the_document_works_as_it_stands(hand: Callable[[], Hand], name: str) -> None:
    typist = hand()
    wanted = [block for block in blocks(ROOT / name) if "not run" not in block.marks]
    for block in wanted:
        typist.type(block)
    typist.end()
    assert typist.ran == sum(len(block.commands) for block in wanted if block.language == "sh")


@pytest.mark.parametrize("name", TYPED)
def test_every_command_that_is_not_run_is_marked_with_a_reason_and_counted(name: str) -> None:
    left: Counter[str] = Counter()
    for block in blocks(ROOT / name):
        if "not run" in block.marks:
            assert block.marks["not run"] in NOT_RUN, f"{name}:{block.line}"
            left[block.marks["not run"]] += len(block.commands) if block.language == "sh" else 1
    assert dict(left) == LEFT_OUT.get(name, {})


@pytest.mark.parametrize("name", TYPED)
def test_every_block_is_of_a_language_that_is_run_or_a_file(name: str) -> None:
    """A block without a language, or TOML without a file's name, would be skipped in silence."""
    lost = [
        f"{name}:{block.line}: {block.language or 'no language'}"
        for block in blocks(ROOT / name)
        if "not run" not in block.marks and block.language not in ("sh", "python") and not block.file
    ]
    assert lost == []


@TYPES
@pytest.mark.parametrize(
    ("text", "marks", "complaint"),
    [
        ("pixforge convert nobody.png -o x.png", {}, "ended with 4, not 0"),
        ("pixforge presets list", {"exit": "3"}, "ended with 0, not 3"),
        ("false && true", {}, "ended with 1, not 0"),
        ("true", {"makes": "x.png"}, "x.png was not made"),
        ("true", {"makes": "hero.png"}, "already there"),
        ("pixforge presets list", {"until": "words that it never says"}, "without the awaited words"),
    ],
)
def test_a_document_that_promises_too_much_is_noticed(
    hand: Callable[[], Hand], text: str, marks: dict[str, str], complaint: str
) -> None:
    with pytest.raises(AssertionError, match=complaint):
        hand().type(Block("x.md", 1, "sh", text, marks))
