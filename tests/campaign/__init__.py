"""The campaign: random feeds under random schedules and faults must end as if nothing had happened (9.1).

    uv run python -m tests.campaign --schedules 2000 --fault-rate 0.08

Several workers share one world in memory. Each is stopped at every call of a client, and which of them goes on is drawn
by lot; any call may suffer any fault; messages come twice, late and out of order; sweeps come in between. In the end
both tables must be what the same feeds make of them undisturbed, one after the other.
"""
