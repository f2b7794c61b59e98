"""What goes wrong on purpose, by address and so many times."""

from __future__ import annotations

import re
from dataclasses import dataclass

KINDS = (
    "drop",  # the connection ends, nothing was done
    "act_then_drop",  # it was done, and the answer is lost
    "error",  # 500, nothing was done
    "act_then_error",  # it was done, and the answer is 500
    "busy",  # 429, nothing was done
    "slow",  # the answer comes late
    "elsewhere",  # the answer leads to another address
)


@dataclass
class Fault:
    """`times`: how often; the official library asks again once, so two of them reach Opora."""

    kind: str
    at: str  # found in "POST /v1/payment_intents/pi_1/confirm": a regular expression, whole words
    times: int = 2
    seconds: float = 0.0  # of being slow

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"faults are {', '.join(KINDS)}")

    def meets(self, call: str) -> bool:
        """Whether it is for this call; "/confirm" is not for "/confirmation_tokens"."""
        end = "(?![a-z_])" if self.at[-1:].isalpha() else ""
        return re.search(f"(?:{self.at}){end}", call) is not None


class Faults:
    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The first one for this call, once less from now on."""
        for fault in self._waiting:
            if fault.meets(f"{method} {path}"):
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None
