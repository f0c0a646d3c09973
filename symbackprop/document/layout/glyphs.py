"""Widths of letters, digits and names, in em of the text around them.

They are those of Computer Modern and its relatives (Latin Modern, New Computer Modern), the wider of
two engines where they differ.
"""

from __future__ import annotations

from functools import lru_cache

from ...formulas.names import Name, runs
from ...formulas.terms import Power, Symbol, Term, Words

# The four styles of a formula: a display, the parts of its fractions, scripts, scripts of scripts.
DISPLAY, TEXT, SCRIPT, SCRIPTSCRIPT = range(4)
SCALE = (1.0, 1.0, 0.80, 0.70)  # small letters are set 0.7 and 0.5 high, but drawn wider
WORD_SCALE = (1.0, 1.0, 0.76, 0.66)

SCRIPT_SPACE = 0.056  # after every script
DIGIT, MARK, MINUS = 0.5, 0.278, 0.778
BOLD = 1.18  # how much wider bold letters are


def _table(text: str) -> dict[str, float]:
    """Read "a:529 b:443" as widths in thousandths of an em."""
    return {key: int(size) / 1000 for key, _, size in (item.rpartition(":") for item in text.split())}


ITALIC = _table(
    "a:529 b:443 c:433 d:544 e:466 f:597 g:513 h:576 i:345 j:469 k:552 l:318 m:878 n:600 o:497 p:518 "
    "q:482 r:479 s:469 t:361 u:572 v:521 w:743 x:572 y:526 z:509 A:750 B:809 C:788 D:856 E:796 F:782 "
    "G:786 H:912 I:525 J:661 K:921 L:681 M:1079 N:912 O:791 P:782 Q:791 R:783 S:673 T:732 U:792 V:806 "
    "W:1083 X:907 Y:803 Z:754 alpha:643 beta:618 gamma:573 delta:482 epsilon:466 zeta:511 eta:532 "
    "theta:497 iota:354 kappa:576 lambda:583 mu:603 nu:558 xi:484 pi:606 rho:530 sigma:607 tau:550 "
    "upsilon:576 phi:654 chi:626 psi:687 omega:658 Gamma:625 Delta:833 Theta:778 Lambda:694 Xi:667 "
    "Pi:750 Sigma:722 Upsilon:778 Phi:722 Psi:778 Omega:722"
)
UPRIGHT = _table(
    "a:511 b:556 c:444 d:556 e:444 f:385 g:513 h:563 i:278 j:306 k:539 l:283 m:841 n:563 o:500 p:556 "
    "q:555 r:392 s:394 t:389 u:563 v:536 w:731 x:544 y:536 z:444 A:750 B:708 C:722 D:764 E:681 F:653 "
    "G:785 H:750 I:361 J:514 K:778 L:625 M:917 N:750 O:778 P:681 Q:778 R:760 S:556 T:722 U:750 V:758 "
    "W:1037 X:754 Y:766 Z:611 .:278 ,:278 ;:278 ::278 -:333 (:389 ):389 [:278 ]:278 /:500 ':278 !:278 "
    "+:778 *:500 =:778"
) | {" ": 0.334}
_SIGNS = {"-": MINUS, "+": MINUS, "(": 0.389, ")": 0.389, "*": 0.5, ",": MARK, " ": 0.25}


def text_width(text: str) -> float:
    """Return the predicted width, in em, of upright text set at the size of its surroundings."""
    return sum(UPRIGHT.get(letter, DIGIT) for letter in text)


def script(size: int) -> int:
    """Return the style of scripts beside something in a style."""
    return min(max(size, TEXT) + 1, SCRIPTSCRIPT)


def runs_width(text: str, size: int) -> float:
    """Return the width of a piece of a name: letters italic, words upright."""
    total = 0.0
    for kind, run in runs(text):
        if kind == "digits":
            total += DIGIT * len(run) * SCALE[size]
        elif kind == "sign":
            total += sum(_SIGNS.get(sign, DIGIT) for sign in run) * SCALE[size]
        elif kind == "word":
            total += text_width(run) * WORD_SCALE[size]
        else:
            total += ITALIC[run] * SCALE[size]
    return total


def _scripts_width(pieces: tuple[str, ...], size: int) -> float:
    if not pieces:
        return 0.0
    comma = MARK * SCALE[size] * (len(pieces) - 1)
    return sum(runs_width(piece, size) for piece in pieces) + comma + SCRIPT_SPACE


def _bold_width(text: str, size: int) -> float:
    """Return the width of a bold base: letters upright, Greek ones as they stand."""
    total = sum(
        runs_width(run, size) if kind == "greek" else text_width(run) * WORD_SCALE[size]
        for kind, run in runs(text)
    )
    return BOLD * total


@lru_cache(maxsize=4096)
@lru_cache(maxsize=4096)
def name_width(name: Name, size: int, above: float = 0.0) -> float:
    """Return the width of a name with what is set `above` besides its own superscripts."""
    small = script(size)
    above += _scripts_width(name.sup, small) + 0.28 * name.primes * SCALE[size]
    base = _bold_width(name.base, size) if name.bold else runs_width(name.base, size)
    return base + max(_scripts_width(name.sub, small), above)


def begins_with_word(term: Term) -> bool:
    """Whether the first thing that is printed of a term is an upright word."""
    if isinstance(term, Power):
        return begins_with_word(term.base)
    return isinstance(term, Words) or (
        isinstance(term, Symbol) and not term.name.accent and runs(term.name.base)[0][0] == "word"
    )


def ends_with_word(term: Term) -> bool:
    """Whether the last thing that is printed of a term is an upright word."""
    if not isinstance(term, Symbol):
        return isinstance(term, Words)
    last = (*((term.name.base,) if not term.name.accent else ()), *term.name.sub, *term.name.sup)[-1:]
    return any(runs(piece)[-1][0] == "word" for piece in last)
