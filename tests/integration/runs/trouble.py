"""What cannot be written, whatever else goes well (9.2)."""

from collections.abc import Callable

from tests.integration.runs.office import act
from tests.worlds.faults import Call, Fault, Refuse
from tests.worlds.world import World


def always_fails(external_id: str) -> Callable[[Call], Fault | None]:
    """Refuse every write of one employee's fields; giving up on them (two attributes) is let through."""

    def decide(call: Call) -> Fault | None:
        text = str(call.request)
        concerns = f"#U#{external_id}'" in text and "first_name" in text
        if call.operation in {"transact_write_items", "update_item"} and concerns:
            return Refuse("ValidationException")
        return None

    return decide


def fails(world: World) -> None:
    """Refuse every write of the fields of E0, until the faults stop."""
    world.faults.decide = always_fails("E0")


def renamed_in_vain(world: World, kind: str, name: str, new_name: str) -> None:
    """Rename what E0 has, who cannot follow."""
    fails(world)
    act(world, kind, name, "rename", new_name)
    world.faults.stop()
