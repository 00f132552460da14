"""Commands killed at random moments and at drawn writes, and run again: nothing is lost or doubled.

Each is killed, perhaps twice, then run again as it was, which must succeed. Then the collection is
compared with that of an undisturbed run: every row but those of the job log, every vector,
payload and thumbnail; nothing may drift, and nothing half-written be left.

    python -m benchmarks.random_kills --seed 7 --n 20
    python -m benchmarks.random_kills --only ingest --only promote

Exits with 1 if there is a finding.
"""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.forked_commands import Ended, in_a_child, kept_traceback, run_command, warm_up
from benchmarks.kill_points import be_killed_at, count_writes
from benchmarks.killed_commands import SCENARIOS, Place, Scenario, Workplace
from maintenance.drift import find_drift
from tests.same_collections import assert_same_collections

PATIENCE_SECONDS = 300.0
NOTHING_LEFT = "nothing to embed anew"
"""What ``reembed`` says, with exit code 1, if it was killed when all was done and written down."""


@dataclass
class Counters:
    """How often a command was killed before it had ended."""

    runs: int = 0
    kills: int = 0
    findings: int = 0


@dataclass(frozen=True)
class Undisturbed:
    """A run that was not killed: what came of it, how long it took, and where it can be killed."""

    place: Place
    seconds: float
    writes: int


@dataclass
class Campaign:
    """Kills of one command."""

    scenario: Scenario
    workplace: Workplace
    chance: random.Random
    counters: Counters = field(default_factory=Counters)

    def run(self, n: int) -> Iterator[str]:
        """Kill and repeat; yield what was found."""
        with self.workplace.place(self.scenario, "undisturbed") as place:
            reference = self._undisturbed(place)
            for number in range(n):
                with self.workplace.place(self.scenario, "killed") as killed:
                    for found in self._once(reference, killed):
                        self.counters.findings += 1
                        yield f"{self.scenario.name} {number}: {found}"

    def _undisturbed(self, place: Place) -> Undisturbed:
        counted = place.folder / "writes"
        start = time.monotonic()
        ended = self._command(place, beforehand=partial(count_writes, counted))
        seconds = time.monotonic() - start
        if ended.code != 0:
            raise RuntimeError(f"{self.scenario.name} fails undisturbed: {ended.messages}")
        return Undisturbed(place, seconds, int(counted.read_text()))

    def _once(self, reference: Undisturbed, place: Place) -> Iterator[str]:
        self.counters.runs += 1
        moments = []
        for _ in range(self.chance.choice([1, 1, 2])):
            if self.chance.random() < 0.5:
                at = self.chance.randint(1, reference.writes)
                moments.append(f"at write {at} of {reference.writes}")
                ended = self._command(place, beforehand=partial(be_killed_at, at))
            else:
                after = self.chance.uniform(0.05, 1) * reference.seconds
                moments.append(f"after {after:.2f} of {reference.seconds:.2f} s")
                ended = self._command(place, seconds=after)
            self.counters.kills += ended.code in (None, -9)
        killed = ", then ".join(moments)
        again = self._command(place)
        if again.code != 0 and NOTHING_LEFT not in again.messages:
            said = kept_traceback(again.messages[-800:])
            yield f"killed {killed}; run again it ends with {again.code}\n  {said}"
            return
        if found := in_a_child(partial(_compare, reference.place, place), place.folder):
            yield f"killed {killed}; it differs from an undisturbed run:\n  {found[-1500:]}"
        for left in place.left_over():
            yield f"killed {killed}; left {left}"

    def _command(
        self,
        place: Place,
        *,
        seconds: float = PATIENCE_SECONDS,
        beforehand: Callable[[], None] = lambda: None,
    ) -> Ended:
        return run_command(
            place.command,
            place.environment,
            place.folder,
            seconds=seconds,
            beforehand=beforehand,
        )


def _compare(one: Place, other: Place) -> None:
    with one.opened() as undisturbed, other.opened() as killed:
        assert_same_collections(undisturbed, killed, with_history=False)
        drift = find_drift(killed.database, killed.index, killed.image_store, killed.registry)
        assert not drift, drift


def main(
    seed: Annotated[int, typer.Option(help="Of the kills.")] = 7,
    n: Annotated[int, typer.Option("--n", help="Runs of each command.")] = 20,
    only: Annotated[list[str] | None, typer.Option(help="A command; repeat for several.")] = None,
) -> None:
    """Kill commands, run them again, and say what was found."""
    warm_up()
    chosen = [item for item in SCENARIOS if not only or item.name in only]
    count = 0
    with (
        tempfile.TemporaryDirectory(prefix="vasari-kills-") as name,
        Workplace(Path(name)) as place,
    ):
        for scenario in chosen:
            campaign = Campaign(scenario, place, random.Random(f"{seed} {scenario.name}"))
            for finding in campaign.run(n):
                print(finding, end="\n\n", flush=True)
            count += campaign.counters.findings
            counters = campaign.counters
            print(
                f"{scenario.name}: {counters.runs} runs with {counters.kills} kills, "
                f"{counters.findings} findings",
                flush=True,
            )
    raise typer.Exit(1 if count else 0)


if __name__ == "__main__":
    typer.run(main)
